"""Default values as clients see them: coerced to their types, as introspection shows them.

Invariant: a default that is not a value of its type in the API schema is left out, never shown in part.
"""

from __future__ import annotations

from gateway.language.elements import inputs
from gateway.language.literals import EnumLiteral, FloatLiteral, Literal
from gateway.language.schema import InputValue, Kind, Schema, Type
from gateway.language.type_refs import TypeRef, is_list, is_non_null, item, nullable

MAX_INT = 2**31
MAX_VALUES = 10_000  # in one default: those of input fields fill each other in, without end if they go in a circle


class _NoValue(Exception):
    """The literal is no value of the type."""


def coerce_defaults(api: Schema) -> None:
    """Replaces every default of the schema."""
    coerced = {id(entry): _Coercion(api).of(entry) for entry in inputs(api) if entry.has_default}
    for entry in inputs(api):
        if entry.has_default:
            found = coerced[id(entry)]
            entry.has_default, entry.default = found is not None, found[0] if found else None


class _Coercion:
    """The coercion of one default."""

    def __init__(self, api: Schema) -> None:
        self._api = api
        self._left = MAX_VALUES

    def of(self, entry: InputValue) -> tuple[Literal] | None:
        """The value, None if there is none."""
        try:
            return (self._value(entry.default, entry.type),)
        except (_NoValue, RecursionError):
            return None

    def _value(self, value: Literal, type_: TypeRef) -> Literal:
        self._left -= 1
        if self._left < 0 or (value is None and is_non_null(type_)):
            raise _NoValue
        if value is None:
            return None
        type_ = nullable(type_)
        if is_list(type_):
            entries = value if isinstance(value, list) else [value]
            return [self._value(entry, item(type_)) for entry in entries]
        owner = self._api.types.get(type_)
        if owner is not None and owner.kind is Kind.INPUT:
            return self._object(value, owner)
        if owner is not None and owner.kind is Kind.ENUM:
            return _enum(value, owner)
        return _scalar(value, type_)

    def _object(self, value: Literal, owner: Type) -> Literal:
        if not isinstance(value, dict):
            raise _NoValue
        found: dict[str, Literal] = {}
        for entry in owner.inputs.values():
            if entry.name in value:
                found[entry.name] = self._value(value[entry.name], entry.type)
            elif entry.has_default:
                found[entry.name] = self._value(entry.default, entry.type)
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
