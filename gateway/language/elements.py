"""Walks over a schema: everything that can carry directives, everything that can have a default."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.language.schema import Element, InputValue, Schema


def elements(schema: Schema) -> Iterator[Element]:
    """Everything in a schema that can carry directives."""
    yield schema
    for definition in schema.definitions.values():
        yield from definition.args.values()
    for owner in schema.types.values():
        yield owner
        yield from owner.values.values()
        yield from owner.inputs.values()
        for field in owner.fields.values():
            yield field
            yield from field.args.values()


def inputs(schema: Schema) -> Iterator[InputValue]:
    """Every argument and every input field."""
    for element in elements(schema):
        if isinstance(element, InputValue):
            yield element
