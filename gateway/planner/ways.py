"""Owns the ways to resolve one unit at a place: by the place itself, or by any entry that can be made from there.

Invariant: a way that is offered can be walked as far as its `missing` says; what its gate needs is not checked here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from gateway.graph.nodes import FieldEdge, Node
from gateway.graph.selection import Field, Possible, Selection, SelectionSet, fields_on
from gateway.planner.budget import Budget
from gateway.planner.parts import hand_down, inside
from gateway.planner.reach import Entry
from gateway.planner.site import GATE_COST, Solved

GateKey = tuple[Node, str, str]  # what is entered, what is required there, the deferred part that begins there


class Solver(Protocol):
    """What solves the places below."""

    possible: Possible
    budget: Budget

    def solve(self, node: Node, selections: SelectionSet, deep: bool = True) -> Solved:
        """The best site at a node, see `Walker.solve`."""

    def entries(self, node: Node) -> tuple[Entry, ...]:
        """Entries that can be made from a node."""


@dataclass(slots=True, eq=False)
class Way:
    """One way to resolve a unit: in a slot, along an edge (None: by solving the entry's abstract type)."""

    gate: GateKey | None
    entry: Entry | None
    edge: FieldEdge | None
    requires: SelectionSet | None
    solved: Solved | None
    cost: int

    @property
    def missing(self) -> SelectionSet | None:
        return self.solved.missing if self.solved is not None else None

    @property
    def waits(self) -> bool:
        """Whether something must be at hand before this way can be taken."""
        return self.edge is not None and self.edge.needs is not None

    @property
    def is_of_use(self) -> bool:
        """Whether a part can be taken this way. The objects of an abstract type come from one place as a whole: two
        subgraphs need not agree on which of its types an object has.
        """
        if self.solved is None or self.solved.missing is None:
            return True
        if self.edge is not None and self.edge.target is not None and self.edge.target.is_abstract:
            return False
        return self.solved.site.fields > 0


class WayFinder:
    """Finds the ways from one node."""

    def __init__(self, solver: Solver, node: Node) -> None:
        self._solver = solver
        self._node = node

    def is_settled(self, edge: FieldEdge, unit: Field, deep: bool) -> bool:
        """Whether an edge of the place itself resolves a field without any call below."""
        if unit.selections is None or edge.target is None:
            return True
        solved = self._solver.solve(edge.target, unit.selections, deep)
        return not solved.missing and solved.site.cost < GATE_COST

    def ways(
        self, unit: Selection, deep: bool, entering: bool, closed: Collection[GateKey], part: str = ""
    ) -> Iterator[Way]:
        """The ways of a unit: `entering` allows entries except closed ones, `deep` allows calls below.

        A unit that begins a deferred part is resolved behind an entry of that part's own, whatever else is allowed;
        only where no entry resolves all of it the place itself is a way, and what is below the unit may begin the part.
        So it is for a key's field, which is asked for before any entry. `part`: whose entries those of other units are.
        """
        if isinstance(unit, Field) and unit.part:
            yield from self._ways_of_a_part(unit, deep, closed)
            return
        base = self._base_way(unit, deep)
        if base is not None:
            yield base
        yield from self._entry_ways(unit, deep, entering, closed, part)

    def _ways_of_a_part(self, unit: Field, deep: bool, closed: Collection[GateKey]) -> Iterator[Way]:
        base = self._base_way(hand_down(unit), deep)
        if base is not None and self._is_in_a_key(unit):
            yield base
            return
        own = list(self._entry_ways(inside(unit), True, True, closed, unit.part))
        yield from own
        if base is not None and all(way.missing for way in own):
            yield base

    def _is_in_a_key(self, unit: Field) -> bool:
        keys = (entry.edge.key or () for entry in self._solver.entries(self._node))
        return unit.selections is None and any(
            isinstance(item, Field) and item.identity == unit.identity for key in keys for item in key
        )

    def _entry_ways(
        self, unit: Selection, deep: bool, entering: bool, closed: Collection[GateKey], part: str
    ) -> Iterator[Way]:
        for entry in self._solver.entries(self._node) if entering else ():
            way = self._entry_way(entry, unit, deep, part)
            if way is not None and way.gate not in closed:
                yield way

    def _base_way(self, unit: Selection, deep: bool) -> Way | None:
        edge = self._node.field(unit.name) if isinstance(unit, Field) else None
        if edge is None or edge.needs is not None:
            return None
        solved, cost = self._below(edge, unit, deep)
        return Way(None, None, edge, None, solved, cost)

    def _entry_way(self, entry: Entry, unit: Selection, deep: bool, part: str) -> Way | None:
        target = entry.edge.target
        if target.is_abstract:
            content = SelectionSet([unit])
            solved = self._solver.solve(target, content, deep)
            if solved.missing and isinstance(unit, Field):
                return None
            return Way((target, "", part), entry, None, None, solved, solved.site.cost + solved.site.fields)
        edge = target.field(unit.name) if isinstance(unit, Field) else None
        if edge is None or (edge.needs is None and target is self._node and not part):
            return None
        below, cost = self._below(edge, unit, deep)
        cost += 1 + (below.site.fields if below is not None else 0)
        return Way((target, edge.needs or "", part), entry, edge, edge.requires, below, cost)

    def _below(self, edge: FieldEdge, unit: Selection, deep: bool) -> tuple[Solved | None, int]:
        asked = unit.selections
        if asked is None or edge.target is None:
            return None, 1
        solved = self._solver.solve(edge.target, asked, deep)
        return solved, 1 + solved.site.cost

    def gate_cost(self, way: Way) -> int:
        """What opening a way's gate costs, its needs roughly included."""
        if way.entry is None:
            return 0
        return way.entry.cost + (self._cost_of_requirement(way.requires) if way.requires else 0)

    def _cost_of_requirement(self, requires: SelectionSet) -> int:
        total = 0
        for needed in fields_on(requires, self._node.type_name, self._solver.possible):
            edge = self._node.field(needed.name)
            total += 1 if edge is not None and edge.needs is None else 1 + GATE_COST
        return total
