"""Owns the reading of `@include` and `@skip`: constants decide at once, variables become a condition."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import BooleanValueNode, DirectiveNode, VariableNode

from gateway.graph.conditions import ALWAYS, NEVER, Condition, both, literal

_WANTED = {"include": True, "skip": False}


def read_condition(directives: Iterable[DirectiveNode] | None) -> Condition:
    """When a selection with these directives is part of the operation; `NEVER` drops it."""
    condition = ALWAYS
    for directive in directives or ():
        wanted = _WANTED.get(directive.name.value)
        if wanted is None:
            continue
        value = next((item.value for item in directive.arguments or () if item.name.value == "if"), None)
        if isinstance(value, VariableNode):
            condition = both(condition, literal(value.name.value, wanted))
        elif isinstance(value, BooleanValueNode) and value.value is not wanted:
            return NEVER
    return condition
