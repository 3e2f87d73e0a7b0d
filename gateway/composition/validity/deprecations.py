"""What callers must give cannot be deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import InputValue, Schema


def check(schema: Schema) -> Iterator[Problem]:
    for definition in schema.definitions.values():
        for argument in filter(_is_wrong, definition.args.values()):
            at = f"@{definition.name}({argument.name}:)"
            yield Problem(f"Required argument {at} cannot be deprecated.", argument.node)
    for owner in schema.types.values():
        for entry in owner.inputs.values():
            if _is_wrong(entry):
                yield Problem(f"Required input field {owner.name}.{entry.name} cannot be deprecated.", entry.node)
        for field in owner.fields.values():
            for argument in filter(_is_wrong, field.args.values()):
                at = f"{owner.name}.{field.name}({argument.name}:)"
                yield Problem(f"Required argument {at} cannot be deprecated.", argument.node)


def _is_wrong(entry: InputValue) -> bool:
    return entry.required and any(application.name == "deprecated" for application in entry.directives)
