"""Owns the split of an operation into what is answered at once and the parts that come later.

Invariant: what the first answer and the parts show together is what the operation selects; each place where a part
hangs is marked by a pseudo field, so that type conditions and `@include` around it apply to the part too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import GraphQLOutputType, GraphQLSchema, get_named_type, get_nullable_type, is_list_type

from gateway.graph.selection import Field, Fragment, Possible, Selection, SelectionSet
from gateway.planner.errors import PlanningFailed
from gateway.planner.field_types import field_type
from gateway.planner.nodes import Items, Key, Path
from gateway.planner.normalise.flatten_fragments import flatten_fragments
from gateway.planner.operation import DeferredSelections
from gateway.planner.parts import INITIAL, begin, spot

MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Split:
    """`wanted`: everything together; `shown`: what the first answer holds."""

    wanted: SelectionSet
    shown: SelectionSet
    parts: tuple[DeferredSelections, ...]


def split_parts(selections: SelectionSet, root_type: str, schema: GraphQLSchema, possible: Possible) -> Split:
    """Splits inlined selections and flattens what comes out.

    Raises:
        PlanningFailed: too many parts.
    """
    splitter = _Splitter(schema)
    wanted, shown = splitter.split(selections, root_type, (), INITIAL)
    if not splitter.parts:
        flat = flatten_fragments(selections, root_type, schema, possible)
        return Split(flat, flat, ())
    return Split(
        flatten_fragments(wanted, root_type, schema, possible),
        flatten_fragments(shown, root_type, schema, possible),
        tuple(splitter.flattened(possible)),
    )


class _Splitter:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._ids: dict[tuple[str, Path, int], str] = {}
        self._children: dict[str, int] = {}
        self.parts: dict[str, DeferredSelections] = {}

    def split(
        self, selections: SelectionSet, type_name: str, path: Path, part: str
    ) -> tuple[SelectionSet, SelectionSet]:
        """What is wanted and what is shown of selections inside a part."""
        wanted: list[Selection] = []
        shown: list[Selection] = []
        for item in selections:
            for collected, selection in zip((wanted, shown), self._item(item, type_name, path, part), strict=True):
                collected.append(selection)
        return SelectionSet(wanted), SelectionSet(shown)

    def _item(self, item: Selection, type_name: str, path: Path, part: str) -> tuple[Selection, Selection]:
        if isinstance(item, Field):
            return self._field(item, type_name, path, part)
        on = item.type_name or type_name
        if item.postponed is None:
            wanted, shown = self.split(item.selections, on, path, part)
            return Fragment(on, wanted, item.condition), Fragment(on, shown, item.condition)
        own = self._id(part, path, item.postponed.number)
        wanted, shown = self.split(item.selections, on, path, own)
        self.parts[own] = DeferredSelections(own, item.postponed.label, path, on, shown, part)
        return Fragment(on, begin(wanted, own), item.condition), Fragment(on, SelectionSet([spot(own)]), item.condition)

    def _field(self, item: Field, type_name: str, path: Path, part: str) -> tuple[Selection, Selection]:
        declared = field_type(self._schema, type_name, item.name)
        if item.selections is None or declared is None:
            return item, item
        below = (*path, Key(item.response_key), *(Items() for _ in range(_lists(declared))))
        wanted, shown = self.split(item.selections, get_named_type(declared).name, below, part)
        return item.having(selections=wanted), item.having(selections=shown)

    def _id(self, part: str, path: Path, number: int) -> str:
        """The id of the part that one `@defer` makes at one place: spread twice there, it is still one."""
        slot = (part, path, number)
        if slot not in self._ids:
            count = self._children[part] = self._children.get(part, 0) + 1
            self._ids[slot] = f"{part}.{count}" if part else str(count)
            if len(self._ids) > MAX_PARTS:
                raise PlanningFailed("OPERATION_TOO_LARGE", f"The operation has over {MAX_PARTS} deferred parts.")
        return self._ids[slot]

    def flattened(self, possible: Possible) -> Iterable[DeferredSelections]:
        """The parts with their selections flattened, each after the part that it lies in."""
        for part in sorted(self.parts.values(), key=lambda each: [int(number) for number in each.id.split(".")]):
            flat = flatten_fragments(part.selections, part.type_name, self._schema, possible)
            yield DeferredSelections(part.id, part.label, part.path, part.type_name, flat, part.parent)


def _lists(declared: GraphQLOutputType) -> int:
    depth = 0
    inner = get_nullable_type(declared)
    while is_list_type(inner):
        depth += 1
        inner = get_nullable_type(inner.of_type)
    return depth
