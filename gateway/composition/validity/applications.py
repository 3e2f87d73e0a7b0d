"""Directives are known, stand where they may, once unless repeatable, with the arguments they declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from difflib import get_close_matches

from gateway.composition.validity.problem import Problem
from gateway.composition.validity.values import fits
from gateway.language import directives
from gateway.language.built_in_directives import BUILT_IN_DIRECTIVES
from gateway.language.schema import Applied, DirectiveDefinition, Element, Schema


def check_known(schema: Schema) -> Iterator[Problem]:
    """Only whether the directives exist."""
    for _, _, element in _places(schema):
        for application in element.directives:
            if _definition(schema, application) is None:
                yield Problem(_unknown(schema, application.name), application.node)


def check(schema: Schema) -> Iterator[Problem]:
    yield from check_known(schema)
    yield from check_use(schema, None)


def check_use(schema: Schema, names: Container[str] | None) -> Iterator[Problem]:
    """Places and arguments of known directives: of those named, or of all."""
    for location, at, element in _places(schema):
        counts = Counter(application.name for application in element.directives)
        for application in element.directives:
            definition = _definition(schema, application)
            if definition is None or (names is not None and application.name not in names):
                continue
            if location not in definition.locations:
                yield Problem(f'Directive "@{application.name}" may not be used on {location}.', application.node)
            if counts[application.name] > 1 and not definition.repeatable:
                counts[application.name] = 0
                message = f'The directive "@{application.name}" can only be used once at this location.'
                yield Problem(message, application.node)
            yield from _arguments(schema, definition, application, at)


def _definition(schema: Schema, application: Applied) -> DirectiveDefinition | None:
    return schema.definitions.get(application.name) or BUILT_IN_DIRECTIVES.get(application.name)


def _places(schema: Schema) -> Iterator[tuple[str, str, Element]]:
    """Location, coordinate and element of everything that can carry directives."""
    yield "SCHEMA", "schema", schema
    for definition in schema.definitions.values():
        for argument in definition.args.values():
            yield "ARGUMENT_DEFINITION", f"@{definition.name}({argument.name}:)", argument
    for owner in schema.types.values():
        yield owner.kind.value, owner.name, owner
        for value in owner.values.values():
            yield "ENUM_VALUE", f"{owner.name}.{value.name}", value
        for entry in owner.inputs.values():
            yield "INPUT_FIELD_DEFINITION", f"{owner.name}.{entry.name}", entry
        for field in owner.fields.values():
            yield "FIELD_DEFINITION", f"{owner.name}.{field.name}", field
            for argument in field.args.values():
                yield "ARGUMENT_DEFINITION", f"{owner.name}.{field.name}({argument.name}:)", argument


def _unknown(schema: Schema, name: str) -> str:
    if name in directives.BY_NAME:
        return (
            f'Unknown directive "@{name}". It belongs to federation 2: @link its specification and import "@{name}" '
            f'from it, or write "@federation__{name}".'
        )
    close = get_close_matches(name, [*schema.definitions, *BUILT_IN_DIRECTIVES], n=1)
    return f'Unknown directive "@{name}".' + (f' Did you mean "@{close[0]}"?' if close else "")


def _arguments(schema: Schema, definition: DirectiveDefinition, application: Applied, at: str) -> Iterator[Problem]:
    for name, value in application.args.items():
        argument = definition.args.get(name)
        if argument is None:
            yield Problem(f'Unknown argument "{name}" on directive "@{application.name}".', application.node)
        elif not fits(schema, value, argument.type):
            yield Problem(
                f'Invalid value for "@{application.name}({name}:)" of type "{argument.type}" '
                f'in application of "@{application.name}" to "{at}".',
                application.node,
            )
    for argument in definition.args.values():
        if argument.required and argument.name not in application.args:
            yield Problem(
                f'Directive "@{application.name}" argument "{argument.name}" of type "{argument.type}" is required, '
                "but it was not provided.",
                application.node,
            )
