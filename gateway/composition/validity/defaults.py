"""Default values are values of their types."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.composition.validity.values import fits
from gateway.language.literals import text
from gateway.language.schema import InputValue, Schema


def check(schema: Schema) -> Iterator[Problem]:
    for at, entry in _inputs(schema):
        if entry.has_default and not fits(schema, entry.default, entry.type):
            yield Problem(
                f"Invalid default value (got: {text(entry.default)}) provided for {at} of type {entry.type}.",
                entry.node,
            )


def _inputs(schema: Schema) -> Iterator[tuple[str, InputValue]]:
    for definition in schema.definitions.values():
        for argument in definition.args.values():
            yield f"argument @{definition.name}({argument.name}:)", argument
    for owner in schema.types.values():
        for entry in owner.inputs.values():
            yield f"input field {owner.name}.{entry.name}", entry
        for field in owner.fields.values():
            for argument in field.args.values():
                yield f"argument {owner.name}.{field.name}({argument.name}:)", argument
