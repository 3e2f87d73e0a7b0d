"""No name starts with two underscores."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import Element, Schema


def check(schema: Schema) -> Iterator[Problem]:
    for element in _named(schema):
        if element.name.startswith("__"):
            message = f'Name "{element.name}" must not begin with "__", which is reserved by GraphQL introspection.'
            yield Problem(message, element.node)


def _named(schema: Schema) -> Iterator[Element]:
    for definition in schema.definitions.values():
        yield definition
        yield from definition.args.values()
    for owner in schema.types.values():
        yield owner
        yield from owner.values.values()
        yield from owner.inputs.values()
        for field in owner.fields.values():
            yield field
            yield from field.args.values()
