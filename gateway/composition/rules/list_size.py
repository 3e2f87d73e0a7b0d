"""`@listSize` speaks of lists, of non-negative sizes and of integer arguments."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import Literal
from gateway.language.schema import Applied, Field, Kind, Type
from gateway.language.type_refs import is_list, named, nullable


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for field in owner.fields.values():
            for application in field.applied("listSize"):
                for code, message in _problems(subgraph, owner, field, application):
                    subgraph.error(f"LIST_SIZE_{code}", message, application.node)


def _problems(subgraph: Subgraph, owner: Type, field: Field, application: Applied) -> Iterator[tuple[str, str]]:
    at = f"{owner.name}.{field.name}"
    sized = list(_texts(application.args.get("sizedFields")))
    if not sized and not is_list(field.type):
        yield "APPLIED_TO_NON_LIST", f'"{at}" is not a list.'
    size = application.args.get("assumedSize")
    if isinstance(size, int) and size < 0:
        yield "INVALID_ASSUMED_SIZE", f'Assumed size of "{at}" cannot be negative.'
    for name in _texts(application.args.get("slicingArguments")):
        argument = field.args.get(name)
        if argument is None:
            yield "INVALID_SLICING_ARGUMENT", f'Slicing argument "{name}" is not an argument of "{at}".'
        elif nullable(argument.type) != "Int":
            yield "INVALID_SLICING_ARGUMENT", f'Slicing argument "{at}({name}:)" must be Int or Int!.'
    if sized:
        yield from _sized(subgraph, field, sized)


def _sized(subgraph: Subgraph, field: Field, sized: list[str]) -> Iterator[tuple[str, str]]:
    target = subgraph.schema.types.get(named(field.type))
    if target is None or not target.is_composite:
        yield "INVALID_SIZED_FIELD", f'Sized fields cannot be used because "{field.type}" has no fields.'
        return
    for name in sized:
        member = target.fields.get(name)
        if member is None:
            yield "INVALID_SIZED_FIELD", f'Sized field "{name}" is not a field of type "{target.name}".'
        elif not is_list(member.type):
            yield "APPLIED_TO_NON_LIST", f'Sized field "{target.name}.{name}" is not a list.'


def _texts(value: Literal) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, str)]
