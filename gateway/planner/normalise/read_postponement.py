"""Owns the reading of `@defer`: whether a fragment comes later is known once the Boolean variables in `if` are."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graphql import BooleanValueNode, DirectiveNode, StringValueNode, ValueNode, VariableNode

from gateway.language import defer


def find_postponement(
    directives: Iterable[DirectiveNode] | None, true_variables: Collection[str]
) -> DirectiveNode | None:
    """The `@defer` among the directives, unless it is switched off."""
    for directive in directives or ():
        if directive.name.value == defer.NAME and _is_on(_argument(directive, "if"), true_variables):
            return directive
    return None


def read_label(directive: DirectiveNode) -> str | None:
    """The label that the client gave."""
    value = _argument(directive, "label")
    return value.value if isinstance(value, StringValueNode) else None


def _is_on(value: ValueNode | None, true_variables: Collection[str]) -> bool:
    if isinstance(value, VariableNode):
        return value.name.value in true_variables
    return not isinstance(value, BooleanValueNode) or value.value


def _argument(directive: DirectiveNode, name: str) -> ValueNode | None:
    return next((item.value for item in directive.arguments or () if item.name.value == name), None)
