"""Owns the order of a mutation's fields: a field is executed where it first stands under a condition that holds.

Invariant: of the entries of one response key at most one condition holds, and one does whenever the field is included.
"""

from __future__ import annotations

from gateway.graph.conditions import NEVER, Condition, either, without
from gateway.graph.selection import Possible, SelectionSet, occurrences_on


def order_calls(selections: SelectionSet, type_name: str, possible: Possible) -> tuple[tuple[str, Condition], ...]:
    """Response keys in the order of execution, each with the condition under which it is executed there."""
    order: list[tuple[str, Condition]] = []
    before: dict[str, Condition] = {}
    for field in occurrences_on(selections, type_name, possible):
        key = field.response_key
        condition = without(field.condition, before.get(key, NEVER))
        if not condition:
            continue
        before[key] = either(before[key], condition) if key in before else condition
        if order and order[-1][0] == key:
            order[-1] = (key, either(order[-1][1], condition))
        else:
            order.append((key, condition))
    return tuple(order)
