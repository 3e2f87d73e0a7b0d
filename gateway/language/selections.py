"""Field sets (`"id organization { id }"`) as selections.

Invariant: a parsed field set is not yet checked against any schema; arguments are literals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graphql import FieldNode, GraphQLSyntaxError, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from gateway.language import literals
from gateway.language.literals import Literal


class InvalidSelection(ValueError):
    """The text is not a field set."""


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One field; `selections` is empty for leaves."""

    name: str
    alias: str | None = None
    args: dict[str, Literal] = field(default_factory=dict)
    selections: tuple[Selection, ...] = ()
    directives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """An inline fragment; without a condition it only groups."""

    condition: str | None
    selections: tuple[Selection, ...]
    directives: tuple[str, ...] = ()


Selection = FieldSelection | FragmentSelection


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> tuple[Selection, ...]:
    """Raises InvalidSelection with the parser's words."""
    source = text if text.lstrip().startswith("{") else f"{{{text}}}"
    try:
        document = parse(source, no_location=True)
    except GraphQLSyntaxError as error:
        raise InvalidSelection(error.message) from None
    except RecursionError:
        raise InvalidSelection("the field set is nested too deeply") from None
    operation = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
        raise InvalidSelection("a field set is one selection")
    return _selections(operation.selection_set)


def _selections(node: SelectionSetNode | None) -> tuple[Selection, ...]:
    if node is not None and not node.selections:
        raise InvalidSelection("a selection is empty")
    return tuple(_selection(entry) for entry in node.selections) if node else ()


def _selection(node: object) -> Selection:
    match node:
        case FieldNode():
            return FieldSelection(
                node.name.value,
                node.alias.value if node.alias else None,
                {argument.name.value: literals.from_node(argument.value) for argument in node.arguments or ()},
                _selections(node.selection_set),
                tuple(directive.name.value for directive in node.directives or ()),
            )
        case InlineFragmentNode():
            return FragmentSelection(
                node.type_condition.name.value if node.type_condition else None,
                _selections(node.selection_set),
                tuple(directive.name.value for directive in node.directives or ()),
            )
    raise InvalidSelection("Fragment spreads are not allowed in a field set")


def print_selections(selections: tuple[Selection, ...]) -> str:
    """Without outer braces, as join directives write it."""
    return " ".join(_print(selection) for selection in selections)


def _print(selection: Selection) -> str:
    inner = f" {{ {print_selections(selection.selections)} }}" if selection.selections else ""
    if isinstance(selection, FragmentSelection):
        return f"... on {selection.condition}{inner}" if selection.condition else f"...{inner}"
    alias = f"{selection.alias}: " if selection.alias else ""
    return f"{alias}{selection.name}{literals.arguments(selection.args.items())}{inner}"


def flat(selections: tuple[Selection, ...]) -> Iterator[FieldSelection]:
    """Every field at any depth, outer ones first."""
    for selection in selections:
        if isinstance(selection, FieldSelection):
            yield selection
        yield from flat(selection.selections)


def split_context(value: Literal) -> tuple[str, str]:
    """`"$user { id }"` as the context's name and the selection that follows it."""
    text = value.strip() if isinstance(value, str) else ""
    if not text.startswith("$"):
        return "", text
    text = text[1:].lstrip()
    end = 0
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[:end], text[end:]
