"""Owns the rules of deferred parts: which part lies inside which, and what a part still has to fetch of its own.

A part's id is the id of the part around it, a dot and a number; the first answer is the part with the empty id.
Invariant: what a part needs comes from itself or from parts around it, never from one beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.graph.conditions import implies
from gateway.graph.selection import Field, Fragment, Selection, SelectionSet, merge, under

INITIAL = ""
SPOT = "@defer"  # the name of the pseudo field that stands where a part hangs; its response key is the part's id


def is_within(part: str, around: str) -> bool:
    """Whether a part is the other one or lies inside it."""
    return not around or part == around or part.startswith(f"{around}.")


def spot(part: str) -> Field:
    """What stands in the selections around a part at its place."""
    return Field(part, SPOT)


def begin(selections: SelectionSet, part: str) -> SelectionSet:
    """The selections as the beginning of a part; what begins another one already is left as it is."""
    return SelectionSet(_begun(item, part) for item in selections)


def _begun(item: Selection, part: str) -> Selection:
    if isinstance(item, Fragment):
        return Fragment(item.type_name, begin(item.selections, part), item.condition)
    return item if item.part else item.having(part=part)


def enter(selections: SelectionSet, part: str) -> SelectionSet:
    """The selections as they are inside a part that they begin."""
    return SelectionSet(_entered(item, part) for item in selections)


def _entered(item: Selection, part: str) -> Selection:
    if isinstance(item, Fragment):
        return Fragment(item.type_name, enter(item.selections, part), item.condition)
    return item.having(part=INITIAL) if item.part == part else item


def inside(field: Field) -> Field:
    """A field that begins a part as it is asked for inside of it."""
    if not field.part:
        return field
    below = enter(field.selections, field.part) if field.selections is not None else None
    return field.having(part=INITIAL, selections=below)


def hand_down(field: Field) -> Field:
    """A field that cannot begin its part: what is selected below it does."""
    if not field.part:
        return field
    below = begin(field.selections, field.part) if field.selections is not None else None
    return field.having(part=INITIAL, selections=below)


def settle(selections: Iterable[Selection]) -> list[Selection]:
    """The selections on one object with each value asked for once: what a part around brings, a part leaves out."""
    given = list(selections)
    if not any(isinstance(item, Field) and item.part for item in given):
        return given
    fragments = [item for item in given if isinstance(item, Fragment)]
    settled: list[Field] = []
    fields = (item for item in given if isinstance(item, Field))
    for field in sorted(fields, key=lambda each: each.part.count(".") if each.part else -1):
        at = next((at for at, known in enumerate(settled) if _brings(known, field)), None)
        if at is None:
            settled.append(field)
        elif field.selections is not None:
            below = under(begin(field.selections, field.part), field.condition)
            settled[at] = settled[at].having(selections=merge(settled[at].selections, below))
    return [*settled, *fragments]


def _brings(known: Field, field: Field) -> bool:
    return (
        (known.response_key, known.identity) == (field.response_key, field.identity)
        and is_within(field.part, known.part)
        and implies(field.condition, known.condition)
    )
