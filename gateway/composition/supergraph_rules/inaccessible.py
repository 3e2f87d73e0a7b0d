"""`@inaccessible` leaves a schema that clients can use: nothing visible depends on something hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from gateway.composition.merge.executable_directives import EXECUTABLE
from gateway.composition.merge.state import Merge
from gateway.language.literals import Literal
from gateway.language.schema import Element, Field, InputValue, Kind, Schema, Type
from gateway.language.type_refs import TypeRef, is_list, item, named, nullable

E = TypeVar("E", bound=Element)
Finding = tuple[str, str]  # code, message
_CHILDREN = {
    Kind.OBJECT: "fields",
    Kind.INTERFACE: "fields",
    Kind.INPUT: "inputs",
    Kind.ENUM: "values",
    Kind.UNION: "members",
}


def check(merge: Merge) -> None:
    schema = merge.schema
    for operation, name in schema.roots.items():
        if operation == "query" and schema.types[name].has("inaccessible"):
            message = f'Type "{name}" is @inaccessible but is the root query type. Show it.'
            merge.report.error("QUERY_ROOT_TYPE_INACCESSIBLE", message)
    for code, message in _findings(merge):
        merge.report.error(code, message)


def _findings(merge: Merge) -> Iterator[Finding]:
    schema = merge.schema
    for owner in schema.types.values():
        if owner.name in merge.specified or owner.has("inaccessible"):
            continue
        yield from _children(schema, owner)
        for field in _visible(owner.fields.values()):
            yield from _field(schema, owner, field)
        for entry in owner.inputs.values():
            yield from _input(schema, f"{owner.name}.{entry.name}", entry, "Input field", "its type")
        yield from _implementation(schema, owner)
    for definition in schema.definitions.values():
        if set(definition.locations) & set(EXECUTABLE) and definition.name not in merge.specified:
            for argument in definition.args.values():
                yield from _input(
                    schema, f"@{definition.name}({argument.name}:)", argument, "Argument", "its directive"
                )


def _visible(elements: Iterable[E]) -> Iterator[E]:
    return (element for element in elements if not element.has("inaccessible"))


def _children(schema: Schema, owner: Type) -> Iterator[Finding]:
    if owner.kind not in _CHILDREN:
        return
    what = _CHILDREN[owner.kind]
    children: list[Element] = list(getattr(owner, what).values())
    if owner.kind is Kind.UNION:
        children = [schema.types[name] for name in owner.members if name in schema.types]
    if children and all(child.has("inaccessible") for child in children):
        message = f'Type "{owner.name}" is in the API schema but all of its {what} are @inaccessible.'
        yield "ONLY_INACCESSIBLE_CHILDREN", message


def _field(schema: Schema, owner: Type, field: Field) -> Iterator[Finding]:
    at = f"{owner.name}.{field.name}"
    yield from _reference(schema, at, field.type)
    for argument in field.args.values():
        yield from _input(schema, f"{at}({argument.name}:)", argument, "Argument", "its field")


def _reference(schema: Schema, at: str, type_: TypeRef) -> Iterator[Finding]:
    target = schema.types.get(named(type_))
    if target is not None and target.has("inaccessible"):
        message = f'Type "{target.name}" is @inaccessible but is referenced by "{at}", which is in the API schema.'
        yield "REFERENCED_INACCESSIBLE", message


def _input(schema: Schema, at: str, entry: InputValue, what: str, of: str) -> Iterator[Finding]:
    if entry.has("inaccessible"):
        if entry.required:
            yield "REQUIRED_INACCESSIBLE", f'{what} "{at}" is @inaccessible but {of} requires it. Make it optional.'
        return
    yield from _reference(schema, at, entry.type)
    if entry.has_default:
        for hidden in _hidden(schema, entry.default, entry.type):
            message = f'"{hidden}" is @inaccessible but is used in the default value of "{at}".'
            yield "DEFAULT_VALUE_USES_INACCESSIBLE", message


def _hidden(schema: Schema, value: Literal, type_: TypeRef) -> Iterator[str]:
    """Coordinates of hidden elements in a literal."""
    type_ = nullable(type_)
    if is_list(type_):
        for entry in value if isinstance(value, list) else [value]:
            yield from _hidden(schema, entry, item(type_))
        return
    owner = schema.types.get(type_)
    if owner is None:
        return
    if isinstance(value, str) and str(value) in owner.values and owner.values[str(value)].has("inaccessible"):
        yield f"{owner.name}.{value:s}"
    if isinstance(value, dict):
        for name, entry in value.items():
            field = owner.inputs.get(name)
            if field is None:
                continue
            if field.has("inaccessible"):
                yield f"{owner.name}.{name}"
            else:
                yield from _hidden(schema, entry, field.type)


def _implementation(schema: Schema, owner: Type) -> Iterator[Finding]:
    """Hidden fields and arguments of a visible type that a visible interface promises."""
    code = "IMPLEMENTED_BY_INACCESSIBLE"
    for name in owner.interfaces:
        interface = schema.types[name]
        if interface.has("inaccessible"):
            continue
        for promised in _visible(interface.fields.values()):
            at, theirs = f"{owner.name}.{promised.name}", f"{name}.{promised.name}"
            field = owner.fields.get(promised.name)
            if field is None:
                continue
            if field.has("inaccessible"):
                yield code, f'Field "{at}" is @inaccessible but implements the visible interface field "{theirs}".'
                continue
            for argument in _visible(promised.args.values()):
                own = field.args.get(argument.name)
                if own is not None and own.has("inaccessible"):
                    shown = f"{at}({argument.name}:)"
                    yield code, f'Argument "{shown}" is @inaccessible but implements a visible one of "{theirs}".'
