"""Objects and interfaces keep the promises of the interfaces they implement."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import Field, Kind, Schema, Type
from gateway.language.subtypes import is_subtype


def check(schema: Schema) -> Iterator[Problem]:
    for owner in schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for name in owner.interfaces:
            yield from _check(schema, owner, schema.types[name])


def _check(schema: Schema, owner: Type, interface: Type) -> Iterator[Problem]:
    if owner is interface:
        yield Problem(f"Type {owner.name} cannot implement itself.", owner.node)
        return
    for name in interface.interfaces:
        if name == owner.name:
            yield Problem(f"Type {owner.name} cannot implement {interface.name}, which implements it.", owner.node)
        elif name not in owner.interfaces:
            message = f"Type {owner.name} must implement {name} because it is implemented by {interface.name}."
            yield Problem(message, owner.node)
    for field in interface.fields.values():
        own = owner.fields.get(field.name)
        if own is None:
            message = f"Interface field {interface.name}.{field.name} expected but {owner.name} does not provide it."
            yield Problem(message, owner.node)
        else:
            yield from _check_field(schema, f"{interface.name}.{field.name}", field, f"{owner.name}.{field.name}", own)


def _check_field(schema: Schema, promised: str, field: Field, at: str, own: Field) -> Iterator[Problem]:
    if not is_subtype(schema, own.type, field.type):
        message = f"Interface field {promised} expects type {field.type} but {at} is type {own.type}."
        yield Problem(message, own.node)
    for argument in field.args.values():
        given = own.args.get(argument.name)
        if given is None:
            yield Problem(f"Interface field argument {promised}({argument.name}:) expected in {at}.", own.node)
        elif given.type != argument.type:
            message = (
                f"Interface field argument {promised}({argument.name}:) expects type {argument.type} "
                f"but {at}({argument.name}:) is type {given.type}."
            )
            yield Problem(message, given.node)
    for argument in own.args.values():
        if argument.name not in field.args and argument.required:
            message = f"Field {at} includes required argument {argument.name} that is missing from {promised}."
            yield Problem(message, argument.node)
