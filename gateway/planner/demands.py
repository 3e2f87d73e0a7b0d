"""Owns what contextual arguments ask of the objects above them, from the field up to the nearest object that sets the
context.

A demand rises from place to place until a place sets its context; that place then selects what is demanded, as if a
client had asked for it there. Invariant: conditions only narrow on the way up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.graph.conditions import Condition, both, either
from gateway.graph.selection import Field, Selection, SelectionSet, parse_field_set, under, with_needs


@dataclass(frozen=True, slots=True)
class Demand:
    """What an argument needs of the nearest object that sets the context, as a field set, and when."""

    context: str
    selection: str
    condition: Condition


def under_condition(demands: Iterable[Demand], condition: Condition) -> Iterable[Demand]:
    """The demands as they are seen from a place where what makes them is selected under the condition."""
    return (Demand(each.context, each.selection, both(each.condition, condition)) for each in demands)


def joined(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """Equal demands as one, in order of first appearance."""
    found: dict[tuple[str, str], Condition] = {}
    for each in demands:
        slot = (each.context, each.selection)
        found[slot] = either(found[slot], each.condition) if slot in found else each.condition
    return tuple(Demand(context, selection, condition) for (context, selection), condition in found.items())


def widened(selections: SelectionSet, asked: Sequence[Demand]) -> SelectionSet:
    """The selections with all that is asked; a value that the client asks for under a key of its own is not asked for
    twice.
    """
    keys = {item.identity: item.response_key for item in selections if isinstance(item, Field)}
    added: list[Selection] = []
    for demand in asked:
        items = under(parse_field_set(demand.selection), demand.condition)
        added += [_under_key(item, keys) if isinstance(item, Field) else item for item in items]
    return with_needs(selections, added)


def _under_key(item: Field, keys: dict[tuple[str, str], str]) -> Field:
    key = keys.get(item.identity, item.response_key)
    return Field(key, item.name, item.arguments, item.variables, item.condition, item.selections)
