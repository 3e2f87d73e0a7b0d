"""Default values as clients see them: coerced to their types, as introspection shows them.

Invariant: a default that is not a value of its type in the API schema is left out, never shown in part.
"""

from __future__ import annotations

from gateway.language.elements import inputs
from gateway.language.literals import EnumLiteral, FloatLiteral, Literal
from gateway.language.schema import InputValue, Kind, Schema, Type
from gateway.language.type_refs import TypeRef, is_list, is_non_null, item, nullable

MAX_INT = 2**31
MAX_DEPTH = 50  # defaults may refer to each other in a circle


class _NoValue(Exception):
    """The literal is no value of the type."""


def coerce_defaults(api: Schema) -> None:
    """Replaces every default of the schema."""
    coerced = {id(entry): _or_nothing(api, entry) for entry in inputs(api) if entry.has_default}
    for entry in inputs(api):
        if entry.has_default:
            found = coerced[id(entry)]
            entry.has_default, entry.default = found is not None, found[0] if found else None


def _or_nothing(api: Schema, entry: InputValue) -> tuple[Literal] | None:
    try:
        return (_coerced(api, entry.default, entry.type, 0),)
    except _NoValue:
        return None


def _coerced(api: Schema, value: Literal, type_: TypeRef, depth: int) -> Literal:
    if depth > MAX_DEPTH or (value is None and is_non_null(type_)):
        raise _NoValue
    if value is None:
        return None
    type_ = nullable(type_)
    if is_list(type_):
        entries = value if isinstance(value, list) else [value]
        return [_coerced(api, entry, item(type_), depth + 1) for entry in entries]
    owner = api.types.get(type_)
    if owner is not None and owner.kind is Kind.INPUT:
        return _object(api, value, owner, depth)
    if owner is not None and owner.kind is Kind.ENUM:
        return _enum(value, owner)
    return _scalar(value, type_)


def _object(api: Schema, value: Literal, owner: Type, depth: int) -> Literal:
    if not isinstance(value, dict):
        raise _NoValue
    found: dict[str, Literal] = {}
    for entry in owner.inputs.values():
        if entry.name in value:
            found[entry.name] = _coerced(api, value[entry.name], entry.type, depth + 1)
        elif entry.has_default:
            found[entry.name] = _coerced(api, entry.default, entry.type, depth + 1)
        elif is_non_null(entry.type):
            raise _NoValue
    return found


def _enum(value: Literal, owner: Type) -> Literal:
    if not isinstance(value, EnumLiteral) or str(value) not in owner.values:
        raise _NoValue
    return value


def _scalar(value: Literal, name: str) -> Literal:
    """Built-in scalars take literals of their own kind alone; others take any."""
    match name:
        case "Int":
            fitting = _is_whole(value) and -MAX_INT <= int(str(value)) < MAX_INT
        case "Float":
            fitting = _is_whole(value) or isinstance(value, FloatLiteral)
        case "Boolean":
            fitting = isinstance(value, bool)
        case "String":
            fitting = _is_string(value)
        case "ID":
            fitting = _is_string(value) or _is_whole(value)
        case _:
            return value  # its names are strings already
    if not fitting:
        raise _NoValue
    return value


def _is_whole(value: Literal) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_string(value: Literal) -> bool:
    return isinstance(value, str) and not isinstance(value, EnumLiteral | FloatLiteral)
