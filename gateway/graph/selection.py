"""Owns selections as the engine compares and merges them: fields and fragments without documents around them.

Invariant: values are immutable and carry their canonical text, so equality, hashing and dumps agree; a fragment's
type condition always narrows or overlaps the type around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from graphql import (
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql.language import OperationDefinitionNode

from gateway.graph.conditions import ALWAYS, Condition, both, either, show

Possible = Mapping[str, frozenset[str]]


class Field:
    """One field: response key, name, printed arguments with their variables, condition, selections.

    `part`: the deferred part that begins with this field, empty for a field of the part around it.
    """

    __slots__ = ("arguments", "condition", "name", "part", "response_key", "selections", "text", "variables")

    def __init__(
        self,
        response_key: str,
        name: str,
        arguments: str = "",
        variables: frozenset[str] = frozenset(),
        condition: Condition = ALWAYS,
        selections: SelectionSet | None = None,
        part: str = "",
    ) -> None:
        self.response_key = response_key
        self.name = name
        self.arguments = arguments
        self.variables = variables
        self.condition = condition
        self.selections = selections
        self.part = part
        alias = "" if response_key == name else f"{response_key}: "
        later = f" in part {part}" if part else ""
        below = "" if selections is None else f" {selections.text}"
        self.text: str = f"{alias}{name}{arguments}{show(condition)}{later}{below}"

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two selections ask for the same value: name and arguments."""
        return self.name, self.arguments

    def having(
        self, *, condition: Condition | None = None, selections: SelectionSet | None = None, part: str | None = None
    ) -> Field:
        """The same field under another condition, with other selections or in another part."""
        return Field(
            self.response_key,
            self.name,
            self.arguments,
            self.variables,
            self.condition if condition is None else condition,
            self.selections if selections is None else selections,
            self.part if part is None else part,
        )

    def internal(self) -> Field:
        """The same value under its own name instead of the client's alias."""
        return Field(self.name, self.name, self.arguments, self.variables, self.condition, self.selections)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Postponed:
    """A `@defer` as it stands in a document: its label, and its number among those of the document."""

    number: int
    label: str | None


class Fragment:
    """Selections that apply to objects of a type; `postponed` where the client lets them come later.

    Only a fragment that the client lets come later may be without a type: it then is of the type around it.
    """

    __slots__ = ("condition", "postponed", "selections", "text", "type_name")

    def __init__(
        self,
        type_name: str,
        selections: SelectionSet,
        condition: Condition = ALWAYS,
        postponed: Postponed | None = None,
    ) -> None:
        self.type_name = type_name
        self.selections = selections
        self.condition = condition
        self.postponed = postponed
        later = f" later #{postponed.number}" if postponed is not None else ""
        self.text: str = f"... on {type_name}{show(condition)}{later} {selections.text}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fragment) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


Selection = Field | Fragment


class SelectionSet:
    """Selections in order."""

    __slots__ = ("items", "text")

    def __init__(self, items: Iterable[Selection] = ()) -> None:
        self.items = tuple(items)
        self.text: str = "{" + " ".join(item.text for item in self.items) + "}"

    def __iter__(self) -> Iterator[Selection]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SelectionSet) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


def merge(left: SelectionSet | None, right: SelectionSet | None) -> SelectionSet | None:
    """Both selections, fields with the same response key and arguments joined."""
    if left is None or right is None or left == right:
        return left or right
    return SelectionSet(merge_fields([*left.items, *right.items]))


def merge_fields(items: Iterable[Selection]) -> list[Selection]:
    """The selections with equal fields joined, and fragments with equal type conditions that follow each other.

    A field stands where it appears first; joining fragments over what stands between them would move fields ahead.
    """
    merged: list[Selection] = []
    places: dict[object, int] = {}
    for item in items:
        if isinstance(item, Fragment):
            last = merged[-1] if merged else None
            if isinstance(last, Fragment) and (last.type_name, last.condition) == (item.type_name, item.condition):
                joined = merge(last.selections, item.selections) or last.selections
                merged[-1] = Fragment(last.type_name, joined, last.condition)
            else:
                merged.append(item)
            continue
        slot = (item.response_key, item.identity, item.part)
        known = places.get(slot)
        if known is None:
            places[slot] = len(merged)
            merged.append(item)
        else:
            merged[known] = join_fields(cast("Field", merged[known]), item)
    return merged


def with_needs(selections: SelectionSet, needs: Iterable[Selection]) -> SelectionSet:
    """Selections with more of them that nobody sees, so that their order says nothing: equal fragments are one."""
    at = {
        (item.type_name, item.condition): place for place, item in enumerate(selections) if isinstance(item, Fragment)
    }
    items = list(selections)
    for need in needs:
        place = at.get((need.type_name, need.condition)) if isinstance(need, Fragment) else None
        if place is None:
            items.append(need)
        else:
            (items[place],) = merge_fields([items[place], need])
    return SelectionSet(merge_fields(items))


def join_fields(left: Field, right: Field) -> Field:
    """One field that serves both; a condition that only one has moves down to that one's selections."""
    if left.text == right.text:
        return left
    if left.condition == right.condition:
        return left.having(selections=merge(left.selections, right.selections))
    if left.selections is None or right.selections is None:
        return left.having(condition=either(left.condition, right.condition))
    below = merge(under(left.selections, left.condition), under(right.selections, right.condition))
    return left.having(condition=either(left.condition, right.condition), selections=below)


def under(selections: SelectionSet, condition: Condition) -> SelectionSet:
    """The selections with one more condition on each."""
    if condition == ALWAYS:
        return selections
    return SelectionSet(
        item.having(condition=both(item.condition, condition))
        if isinstance(item, Field)
        else Fragment(item.type_name, item.selections, both(item.condition, condition), item.postponed)
        for item in selections
    )


def fields_on(selections: SelectionSet, type_name: str, possible: Possible) -> tuple[Field, ...]:
    """What is selected on objects of one concrete type, merged, in order of first appearance."""
    return tuple(
        item for item in merge_fields(occurrences_on(selections, type_name, possible)) if isinstance(item, Field)
    )


def occurrences_on(selections: SelectionSet, type_name: str, possible: Possible) -> list[Field]:
    """What is selected on objects of one concrete type, each time that it is, with the conditions around it."""
    found: list[Field] = []
    _gather(selections, type_name, possible, ALWAYS, found)
    return found


def _gather(
    selections: SelectionSet, type_name: str, possible: Possible, condition: Condition, found: list[Field]
) -> None:
    for item in selections:
        joined = both(item.condition, condition)
        if not joined:
            continue
        if isinstance(item, Field):
            found.append(item if joined == item.condition else item.having(condition=joined))
        elif item.type_name == type_name or type_name in possible.get(item.type_name, ()):
            _gather(item.selections, type_name, possible, joined, found)


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSet:
    """The selections of a `@key`, `@requires` or `@provides` argument.

    Raises:
        GraphQLError: the text is no field set.
    """
    stripped = text.strip()
    document = parse(stripped if stripped.startswith("{") else f"{{ {stripped} }}", no_location=True)
    definition = document.definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise GraphQLError(f"Not a field set: {text}")
    return _from_ast(definition.selection_set)


def _from_ast(node: SelectionSetNode) -> SelectionSet:
    items: list[Selection] = []
    for item in node.selections:
        if isinstance(item, FieldNode):
            below = _from_ast(item.selection_set) if item.selection_set else None
            name = item.name.value
            items.append(Field(name, name, print_arguments(item), selections=below))
        elif isinstance(item, InlineFragmentNode):
            below = _from_ast(item.selection_set)
            if item.type_condition is None:
                items.extend(below)
            else:
                items.append(Fragment(item.type_condition.name.value, below))
    return SelectionSet(merge_fields(items))


def print_arguments(node: FieldNode) -> str:
    """The arguments in their printed form, empty without any."""
    if not node.arguments:
        return ""
    printed = sorted(f"{argument.name.value}: {print_ast(argument.value)}" for argument in node.arguments)
    return f"({', '.join(printed)})"


def variables_in(node: FieldNode | ValueNode) -> frozenset[str]:
    """Names of the variables used in a field's arguments (not below it) or in a value."""
    found: set[str] = set()

    class Collect(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.add(variable.name.value)

    if isinstance(node, FieldNode):
        for argument in node.arguments or ():
            visit(argument.value, Collect())
    else:
        visit(node, Collect())
    return frozenset(found)
