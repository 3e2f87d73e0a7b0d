"""The composed `@live` directive: which topic feeds a subscription field, who may listen, what an event becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import DirectiveNode, FieldDefinitionNode, ListValueNode, StringValueNode, parse, print_ast
from graphql.error import GraphQLSyntaxError

from gateway.live.template import InvalidTemplate, TopicTemplate, ValueTemplate

DIRECTIVE = "live"


@dataclass(frozen=True, slots=True)
class LiveField:
    """A subscription field that is fed by events instead of a subgraph's own stream.

    `gate` is a whole query document over the variables that it needs: a subset of the field's arguments.
    """

    topic: TopicTemplate
    events: frozenset[str]
    gate: str
    gate_variables: tuple[str, ...]
    value: ValueTemplate


def live_field(field: FieldDefinitionNode, directives: Iterable[DirectiveNode]) -> LiveField | None:
    """Reads the directive of a Subscription field; None without one. Raises InvalidTemplate naming the field."""
    directive = next((d for d in directives if d.name.value == DIRECTIVE), None)
    if directive is None:
        return None
    try:
        topic = TopicTemplate.parse(_text(directive, "topic"))
        known = {argument.name.value: print_ast(argument.type) for argument in field.arguments or ()}
        if missing := topic.arguments - known.keys():
            raise InvalidTemplate(f"topic names unknown arguments: {', '.join(sorted(missing))}")
        gate, variables = _gate(_text(directive, "gate"), known)
        return LiveField(
            topic,
            frozenset(_texts(directive, "events")),
            gate,
            variables,
            ValueTemplate.parse(_text(directive, "value")),
        )
    except InvalidTemplate as error:
        raise InvalidTemplate(f"@live on Subscription.{field.name.value}: {error}") from error


def _gate(selection: str, arguments: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    used = tuple(name for name in arguments if f"${name}" in _tokens(selection))
    declared = ", ".join(f"${name}: {arguments[name]}" for name in used)
    document = f"query LiveGate{f'({declared})' if declared else ''} {{ {selection} }}"
    try:
        parse(document)
    except GraphQLSyntaxError as error:
        raise InvalidTemplate(f"gate is not a selection: {error.message}") from error
    return document, used


def _tokens(selection: str) -> set[str]:
    words = "".join(c if c.isalnum() or c in "_$" else " " for c in selection).split()
    return {word for word in words if word.startswith("$")}


def _text(directive: DirectiveNode, name: str) -> str:
    for argument in directive.arguments or ():
        if argument.name.value == name and isinstance(argument.value, StringValueNode):
            return argument.value.value
    raise InvalidTemplate(f"argument {name!r} is missing or no string")


def _texts(directive: DirectiveNode, name: str) -> list[str]:
    for argument in directive.arguments or ():
        if argument.name.value == name and isinstance(argument.value, ListValueNode):
            return [item.value for item in argument.value.values if isinstance(item, StringValueNode)]
    raise InvalidTemplate(f"argument {name!r} is missing or no list")
