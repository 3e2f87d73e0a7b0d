"""`@context` and `@fromContext`: names that exist, selections that yield one value of the argument's type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.composition.facts import Facts
from gateway.composition.rules.context_selections import selection_problem
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import Literal
from gateway.language.schema import Applied, Field, InputValue, Kind, Type

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*$")
_REFERENCE = re.compile(r"\s*\$\s*([A-Za-z_]\w*)\s*(.+)", re.ASCII | re.DOTALL)


def check(subgraph: Subgraph, facts: Facts) -> None:
    contexts = _contexts(subgraph)
    for definition in subgraph.schema.definitions.values():
        for argument in definition.args.values():
            if argument.has("fromContext"):
                at = f"@{definition.name}({argument.name}:)"
                _not_set(subgraph, f'@fromContext cannot be used in a directive definition: "{at}".', argument)
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        contextual = False
        for field in owner.fields.values():
            for argument in field.args.values():
                for application in argument.applied("fromContext"):
                    contextual |= _check(subgraph, contexts, owner, field, argument, application)
        if contextual and not _has_resolvable_key(owner):
            message = f'Object "{owner.name}" has a field with a contextual argument but no resolvable @key. Add one.'
            subgraph.error("CONTEXT_NO_RESOLVABLE_KEY", message, owner.node)


def _contexts(subgraph: Subgraph) -> dict[str, list[Type]]:
    found: dict[str, list[Type]] = {}
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE, Kind.UNION):
        for application in owner.applied("context"):
            name = str(application.args.get("name"))
            if not _NAME.match(name):
                message = f'Context name "{name}" is invalid: use letters and digits, a letter first.'
                subgraph.error("CONTEXT_NAME_INVALID", message, application.node)
            found.setdefault(name, []).append(owner)
    return found


def _check(
    subgraph: Subgraph,
    contexts: dict[str, list[Type]],
    owner: Type,
    field: Field,
    argument: InputValue,
    application: Applied,
) -> bool:
    """Whether the argument is contextual at all, well or badly."""
    at = f"{owner.name}.{field.name}({argument.name}:)"
    if owner.kind is Kind.INTERFACE:
        _not_set(subgraph, f'@fromContext cannot be used on an interface field: "{at}".', argument)
        return False
    _check_place(subgraph, owner, field, argument, at)
    value: Literal = application.args.get("field")
    reference = _REFERENCE.match(value) if isinstance(value, str) else None
    if reference is None:
        message = f'@fromContext of "{at}" names no context: write "$name {{ field }}".'
        subgraph.error("NO_CONTEXT_IN_SELECTION", message, application.node)
        return True
    name = reference[1]
    if name not in contexts:
        _not_set(subgraph, f'Context "{name}" is used at "{at}" but never set. Add @context(name: "{name}").', argument)
        return True
    problem = selection_problem(subgraph.schema, contexts[name], reference[2], argument.type)
    if problem:
        message = f'Context "{name}" is used in "{at}" but the selection is invalid: {problem}.'
        subgraph.error("CONTEXT_INVALID_SELECTION", message, application.node)
    return True


def _check_place(subgraph: Subgraph, owner: Type, field: Field, argument: InputValue, at: str) -> None:
    for interface in _interfaces(subgraph, owner):
        if field.name in interface.fields:
            message = f'@fromContext cannot be used on a field of interface "{interface.name}": "{at}".'
            _not_set(subgraph, message, argument)
    if argument.has_default:
        _not_set(subgraph, f'@fromContext arguments may not have a default value: "{at}".', argument)


def _interfaces(subgraph: Subgraph, owner: Type) -> Iterator[Type]:
    for name in owner.interfaces:
        if name in subgraph.schema.types:
            yield subgraph.schema.types[name]


def _not_set(subgraph: Subgraph, message: str, argument: InputValue) -> None:
    subgraph.error("CONTEXT_NOT_SET", message, argument.node)


def _has_resolvable_key(owner: Type) -> bool:
    return any(key.args.get("resolvable") is not False for key in owner.applied("key"))
