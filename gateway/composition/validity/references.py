"""Every type that is mentioned exists and is of a kind that fits its position."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import Node

from gateway.composition.validity.problem import Problem
from gateway.language.elements import elements
from gateway.language.schema import BUILT_IN_SCALARS, Field, InputValue, Kind, Schema
from gateway.language.type_refs import named

_INPUT = frozenset({Kind.SCALAR, Kind.ENUM, Kind.INPUT})


def check(schema: Schema) -> Iterator[Problem]:
    for definition in schema.definitions.values():
        for argument in definition.args.values():
            yield from _input(schema, f"@{definition.name}({argument.name}:)", argument)
    for owner in schema.types.values():
        for field in owner.fields.values():
            yield from _output(schema, f"{owner.name}.{field.name}", field.type, field.node)
            for argument in field.args.values():
                yield from _input(schema, f"{owner.name}.{field.name}({argument.name}:)", argument)
        for entry in owner.inputs.values():
            yield from _input(schema, f"{owner.name}.{entry.name}", entry)
        for name, node in owner.interfaces.items():
            yield from _interface(schema, name, node)
        for name, node in owner.members.items():
            yield from _member(schema, owner.name, name, node)


def check_known(schema: Schema, given: frozenset[str]) -> Iterator[Problem]:
    """Only whether the types of fields and arguments exist, here or among the given ones."""
    for element in elements(schema):
        if isinstance(element, Field | InputValue):
            name = named(element.type)
            if _kind(schema, name) is None and name not in given:
                yield Problem(f"Unknown type {name}", element.node)


def _kind(schema: Schema, name: str) -> Kind | None:
    if name in schema.types:
        return schema.types[name].kind
    return Kind.SCALAR if name in BUILT_IN_SCALARS else None


def _output(schema: Schema, at: str, type_: str, node: Node | None) -> Iterator[Problem]:
    kind = _kind(schema, named(type_))
    if kind is None:
        yield Problem(f"Unknown type {named(type_)}", node)
    elif kind is Kind.INPUT:
        yield Problem(f'The type of "{at}" must be Output Type but got "{type_}", an input object.', node)


def _input(schema: Schema, at: str, entry: InputValue) -> Iterator[Problem]:
    kind = _kind(schema, named(entry.type))
    if kind is None:
        yield Problem(f"Unknown type {named(entry.type)}", entry.node)
    elif kind not in _INPUT:
        yield Problem(f'The type of "{at}" must be Input Type but got "{entry.type}", a {kind.value}.', entry.node)


def _interface(schema: Schema, name: str, node: Node | None) -> Iterator[Problem]:
    kind = _kind(schema, name)
    if kind is None:
        yield Problem(f"Cannot implement unknown type {name}", node)
    elif kind is not Kind.INTERFACE:
        yield Problem(f"Cannot implement non-interface type {name} (a {kind.value})", node)


def _member(schema: Schema, union: str, name: str, node: Node | None) -> Iterator[Problem]:
    kind = _kind(schema, name)
    if kind is None:
        yield Problem(f"Cannot add unknown type {name} as member of union type {union}", node)
    elif kind is not Kind.OBJECT:
        yield Problem(f"Cannot add non-object type {name} (a {kind.value}) as member of union type {union}", node)
