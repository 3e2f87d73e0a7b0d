"""GraphQL literals as plain Python values: compared, merged and printed without an AST.

Invariant: `parse(text(value)) == value`; enum values and variables stay apart from strings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)
from graphql.language.print_string import print_string

_PLAIN = 1e21  # larger whole numbers are written with an exponent


class EnumLiteral(str):
    """A bare name in value position."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumLiteral) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("enum", str(self)))


class FloatLiteral(str):
    """A number that is not whole, in its shortest form, so that equal numbers are equal literals."""

    __slots__ = ()


class VariableLiteral(str):
    """A variable where a constant was expected; kept so that the error can name it."""

    __slots__ = ()


Literal = None | bool | int | str | list["Literal"] | dict[str, "Literal"]


def from_node(node: ValueNode) -> Literal:
    match node:
        case NullValueNode():
            return None
        case BooleanValueNode() | StringValueNode():
            return node.value
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            return _number(node.value)
        case EnumValueNode():
            return EnumLiteral(node.value)
        case ListValueNode():
            return [from_node(value) for value in node.values]
        case ObjectValueNode():
            return {field.name.value: from_node(field.value) for field in node.fields}
        case VariableNode():
            return VariableLiteral(node.name.value)
    raise TypeError(type(node))


def _number(written: str) -> int | FloatLiteral:
    """`1.0`, `1e0` and `1` are one number; what no double can hold stays as written."""
    value = float(written)
    if not math.isfinite(value):
        return FloatLiteral(written)
    if value.is_integer() and abs(value) < _PLAIN:
        return int(value)
    mantissa, exponent, power = repr(value).partition("e")
    return FloatLiteral(f"{mantissa}{exponent}{power.replace('-0', '-')}")


def text(value: Literal) -> str:
    """The literal as SDL shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case EnumLiteral() | FloatLiteral():
            return str.__str__(value)
        case VariableLiteral():
            return f"${value:s}"
        case str():
            return print_string(value)
        case list():
            return f"[{', '.join(text(entry) for entry in value)}]"
        case dict():
            return "{" + ", ".join(f"{name}: {text(entry)}" for name, entry in value.items()) + "}"
    raise TypeError(type(value))


def arguments(pairs: Iterable[tuple[str, Literal]]) -> str:
    """`(a: 1, b: "x")`, or nothing when there are no arguments."""
    shown = ", ".join(f"{name}: {text(value)}" for name, value in pairs)
    return f"({shown})" if shown else ""


def same(left: Literal, right: Literal) -> bool:
    """Equality that tells `1` from `true` and ignores the order of object fields."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right


def key(value: Literal) -> str:
    """A text that is equal exactly for literals that are the `same`."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{key(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(key(entry) for entry in value) + "]"
    return text(value)
