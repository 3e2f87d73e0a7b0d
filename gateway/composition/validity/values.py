"""Whether a literal can be a value of an input type.

Lenient where servers are: an enum value may be quoted and a string may not be, a required input field left out.
"""

from __future__ import annotations

from gateway.language.literals import FloatLiteral, Literal, VariableLiteral
from gateway.language.schema import Kind, Schema
from gateway.language.type_refs import TypeRef, is_list, is_non_null, item, nullable


def fits(schema: Schema, value: Literal, type_: TypeRef) -> bool:
    if isinstance(value, VariableLiteral):
        return False
    if value is None:
        return not is_non_null(type_)
    type_ = nullable(type_)
    if is_list(type_):
        entries = value if isinstance(value, list) else [value]
        return all(fits(schema, entry, item(type_)) for entry in entries)
    owner = schema.types.get(type_)
    if owner is None:
        return _fits_built_in(value, type_)
    if owner.kind is Kind.ENUM:
        return isinstance(value, str) and str(value) in owner.values
    if owner.kind is Kind.INPUT:
        return isinstance(value, dict) and _fits_object(schema, value, type_)
    return True


def _fits_object(schema: Schema, value: dict[str, Literal], name: str) -> bool:
    inputs = schema.types[name].inputs
    return all(entry in inputs and fits(schema, value[entry], inputs[entry].type) for entry in value)


def _fits_built_in(value: Literal, name: str) -> bool:
    is_string = isinstance(value, str) and not isinstance(value, FloatLiteral)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "Int":
            return is_int
        case "Float":
            return is_int or isinstance(value, FloatLiteral)
        case "Boolean":
            return isinstance(value, bool)
        case "ID":
            return is_string or is_int
    return is_string
