"""Decides how entity results reach the objects that stand for one representation: shared or copied, merged or added.

Sharing the nested objects of a result saves a copy per target. It is safe only if everything that happens later
to a nested object happens to all targets alike: no other fetch writes the same nested object, and every later path
through it starts with exactly the path under which it was stored, for all of the entry's paths.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    parse,
)
from graphql.language import DocumentNode, OperationDefinitionNode

from gateway.planner.nodes import (
    EntityEntry,
    Fetch,
    Items,
    Key,
    Path,
    PlanNode,
    fetches_of,
)

Position = tuple[str, ...]


class Sharing:
    """The answer for every entry of a plan."""

    def __init__(self, root: PlanNode | None) -> None:
        fetches = list(fetches_of(root))
        self._entries = [entry for fetch in fetches for entry in fetch.entries]
        self._writers: dict[Position, set[int]] = {}
        self._written: dict[int, set[Position]] = {}
        self._nested: dict[int, set[Position]] = {}
        for fetch in fetches:
            self._note_writes(fetch)

    def must_copy(self, entry: EntityEntry) -> bool:
        """Whether each target needs nested objects of its own."""
        nested = self._nested[id(entry)]
        if not nested:
            return False
        if any(self._writers[position] != {id(entry)} for position in nested):
            return True
        return any(not _treats_alike(entry, other) for other in self._entries)

    def overlaps(self, entry: EntityEntry) -> bool:
        """Whether an object may already have a field that the entry brings."""
        return any(self._writers[position] != {id(entry)} for position in self._written[id(entry)])

    def _note_writes(self, fetch: Fetch) -> None:
        document = parse(fetch.document)
        operation, fragments = _parts(document)
        if not fetch.entries:
            for position, _ in _written(operation.selection_set, fragments, keys_of(fetch.path)):
                self._writers.setdefault(position, set()).add(id(fetch))
        for entry in fetch.entries:
            selections = _entity_selection(operation, entry.alias)
            written, nested = self._written[id(entry)], self._nested[id(entry)] = set[Position](), set[Position]()
            for path in entry.paths:
                start = keys_of(path)
                for position, composite in _written(selections, fragments, start):
                    self._writers.setdefault(position, set()).add(id(entry))
                    if len(position) == len(start) + 1:
                        written.add(position)
                    if composite:
                        nested.add(position)


def keys_of(path: Path) -> Position:
    return tuple(step.name for step in path if isinstance(step, Key))


def _parts(document: DocumentNode) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return operation, fragments


def _entity_selection(operation: OperationDefinitionNode, alias: str) -> SelectionSetNode | None:
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode) and (node.alias or node.name).value == alias:
            return node.selection_set
    return None


def _written(
    selections: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode], at: Position
) -> Iterator[tuple[Position, bool]]:
    """Positions that the selections write, and whether an object or list of objects stands there."""
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            position = (*at, (node.alias or node.name).value)
            yield position, node.selection_set is not None
            yield from _written(node.selection_set, fragments, position)
        elif isinstance(node, FragmentSpreadNode):
            yield from _written(fragments[node.name.value].selection_set, fragments, at)
        elif isinstance(node, InlineFragmentNode):
            yield from _written(node.selection_set, fragments, at)


def _treats_alike(entry: EntityEntry, other: EntityEntry) -> bool:
    """Whether `other` reaches below `entry`'s results for all of its paths in the same way, or not at all."""
    suffixes: dict[Path, set[Path]] = {}
    for at, path in enumerate(other.paths):
        for start in entry.paths:
            if not _runs_below(path, start):
                continue
            if path[: len(start)] != start or _reads_above(other, at, start):
                return False
            suffixes.setdefault(path[len(start) :], set()).add(start)
    return all(starts == set(entry.paths) for starts in suffixes.values())


def _reads_above(entry: EntityEntry, at: int, start: Path) -> bool:
    """Whether what the entry asks of objects below `start` depends on objects there or above."""
    return any(variable.sources[at].depth <= len(start) for variable in entry.contexts)


def _runs_below(path: Path, start: Path) -> bool:
    """Whether the path steps into something below `start`, whatever their type conditions."""
    steps = [step for step in path if isinstance(step, Key | Items)]
    before = [step for step in start if isinstance(step, Key | Items)]
    return len(steps) > len(before) and steps[: len(before)] == before
