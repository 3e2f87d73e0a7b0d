"""Owns which entries can be made from a place, and with which key: the key whose fields cost least to get there.

A key may itself need another entry first (a chain of keys). Invariant: entries are found in order of their depth, so
a key's fields always come from the place itself or from an entry found before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.graph.nodes import EntityEdge, Node
from gateway.graph.selection import Field, Possible, SelectionSet, fields_on
from gateway.planner.site import GATE_COST, Solved

Solve = Callable[[Node, SelectionSet], Solved]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An entry that can be made, and what it costs with everything that it needs first."""

    edge: EntityEdge
    cost: int


def find_entries(node: Node, possible: Possible, solve: Solve) -> tuple[Entry, ...]:
    """The cheapest entry into every node that can be entered from here, in order of their depth."""
    found: dict[Node, Entry] = {}
    known: list[tuple[Node, int]] = [(node, 0)]
    while True:
        wave: dict[Node, Entry] = {}
        for edge in node.entries():
            if edge.target in found:
                continue
            cost = _key_cost(edge.key, known, possible, solve)
            best = wave.get(edge.target)
            if cost is not None and (best is None or GATE_COST + cost < best.cost):
                wave[edge.target] = Entry(edge, GATE_COST + cost)
        if not wave:
            return tuple(found.values())
        found.update(wave)
        known += [(entry.edge.target, entry.cost) for entry in wave.values() if entry.edge.target is not node]


def _key_cost(key: SelectionSet | None, known: list[tuple[Node, int]], possible: Possible, solve: Solve) -> int | None:
    """What the key's fields cost, None if one of them cannot be had from the nodes known so far."""
    if key is None:
        return 0
    opened: set[Node] = set()
    total = 0
    for field in fields_on(key, known[0][0].type_name, possible):
        offers = [
            (cost + (0 if source in opened or at == 0 else entry), at, source)
            for at, (source, entry) in enumerate(known)
            if (cost := _field_cost(source, field, solve)) is not None
        ]
        if not offers:
            return None
        cost, _, source = min(offers, key=lambda offer: offer[:2])
        total += cost
        opened.add(source)
    return total


def _field_cost(source: Node, field: Field, solve: Solve) -> int | None:
    edge = source.field(field.name)
    if edge is None or edge.needs is not None:
        return None
    if field.selections is None or edge.target is None:
        return 1
    solved = solve(edge.target, field.selections)
    return None if solved.missing else 1 + solved.site.cost
