"""Owns the solution of one place: units are assigned to the place itself or to gates, gates get what they need.

Invariant: gates form no cycle: a gate's needs come from the base or from gates that do not (even indirectly) need it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.graph.nodes import FieldEdge, Node
from gateway.graph.selection import Field, Fragment, Selection, SelectionSet, fields_on, join_fields
from gateway.planner.choose import Option, choose
from gateway.planner.drafts import Draft, GateDraft, close_site
from gateway.planner.parts import hand_down, inside, is_within
from gateway.planner.reach import Entry
from gateway.planner.site import BASE, GATE_COST, Solved
from gateway.planner.ways import GateKey, Solver, Way, WayFinder


class SiteBuilder:
    """Collects units of one place, then decides on all of them together."""

    def __init__(self, solver: Solver, node: Node, deep: bool) -> None:
        self._solver = solver
        self._finder = WayFinder(solver, node)
        self._node = node
        self._deep = deep
        self._base: list[Draft] = []
        self._gates: list[GateDraft] = []
        self._index: dict[GateKey, int] = {}
        self._open: list[Selection] = []
        self._missing: list[Selection] = []
        self._opening: set[int] = set()
        self._failed: set[GateKey] = set()
        self._typename = False

    def add_all(self, units: Iterable[Selection]) -> None:
        """Adds several units."""
        for unit in units:
            self.add(unit)

    def add(self, unit: Selection) -> None:
        """Adds a unit: it stays at the base if nothing can be cheaper."""
        if isinstance(unit, Field) and unit.name == "__typename":
            self._typename = True
            return
        if isinstance(unit, Field) and not unit.part:
            edge = self._node.field(unit.name)
            if edge is not None and edge.needs is None and self._finder.is_settled(edge, unit, self._deep):
                self._place(self._base, unit, edge, self._deep)
                return
        self._open.append(unit)

    def finish(self) -> Solved:
        """Decides on the open units and closes the site."""
        self._assign(self._open)
        site = close_site(self._solver, self._node, self._base, self._gates, self._typename)
        return Solved(site, SelectionSet(self._missing) if self._missing else None)

    def _ways(self, unit: Selection, deep: bool, part: str = "") -> list[Way]:
        return list(self._finder.ways(unit, deep, self._deep or bool(part), self._failed, part))

    # -- assignment ---------------------------------------------------------------------------------------------

    def _assign(self, units: list[Selection]) -> None:
        whole: list[tuple[Selection, list[Way]]] = []
        partial: list[Selection] = []
        for unit in units:
            complete = [way for way in self._ways(unit, self._deep) if not way.missing]
            if complete:
                whole.append((unit, complete))
            else:
                partial.append(unit)
        self._assign_whole(whole)
        for unit in partial:
            self._assign_in_parts(unit)

    def _assign_whole(self, units: list[tuple[Selection, list[Way]]]) -> None:
        if not units:
            return
        gate_cost = {way.gate: self._finder.gate_cost(way) for _, ways in units for way in ways if way.gate is not None}
        options = [[Option(way.gate, way.cost) for way in ways] for _, ways in units]
        chosen = choose(options, gate_cost, self._solver.budget)
        picked = [(unit, ways[at]) for (unit, ways), at in zip(units, chosen, strict=True)]
        for unit, way in picked:
            if way.cost < GATE_COST:
                self._take_or_look_on(unit, way)
        for unit, way in picked:
            if way.cost >= GATE_COST and not self._assign_split(unit, way):
                self._take_or_look_on(unit, way)

    def _assign_split(self, unit: Selection, best: Way) -> bool:
        """Takes the parts of a unit from several entries directly, if that needs no more calls than the best way."""
        if isinstance(unit, Field) and unit.part:
            return False
        limit = best.cost + (0 if best.gate is None or best.gate in self._index else self._finder.gate_cost(best))
        parts: list[tuple[Selection, Way]] = []
        opened = set(self._index)
        cost = 0
        left: Selection | None = unit
        while left is not None:
            ways = [way for way in self._ways(left, deep=False) if way.is_of_use]
            ways = [way for way in ways if not way.waits and all(way.edge is not used.edge for _, used in parts)]
            if not ways:
                return False
            way = min(ways, key=lambda each: self._split_rank(each, opened))
            cost += way.cost + (0 if way.gate is None or way.gate in opened else self._finder.gate_cost(way))
            if cost > limit:
                return False
            if way.gate is not None:
                opened.add(way.gate)
            parts.append((left, way))
            left = _with_selections(left, way.missing) if way.missing else None
        for part, way in parts:
            if not self._take(part, way, deep=False):
                self._assign_in_parts(part)
        return True

    def _split_rank(self, way: Way, opened: set[GateKey]) -> tuple[int, int]:
        opening = 0 if way.gate is None or way.gate in opened else self._finder.gate_cost(way)
        return opening, len(way.missing.text) if way.missing else 0

    def _assign_in_parts(self, unit: Selection) -> None:
        """No single way resolves the unit: takes the way that leaves least, then the rest from others."""
        left: Selection | None = unit
        used: list[FieldEdge | GateKey | None] = []
        while left is not None:
            ways = [way for way in self._ways(left, self._deep) if way.is_of_use]
            ways = [way for way in ways if (way.edge or way.gate) not in used]
            if not ways:
                self._missing.append(left)
                return
            way = min(
                ways,
                key=lambda each: (
                    len(each.missing.text) if each.missing else 0,
                    self._finder.gate_cost(each) + each.cost,
                ),
            )
            used.append(way.edge or way.gate)
            if not self._take(left, way, self._deep):
                continue
            left = _with_selections(left, way.missing) if way.missing else None

    def _take_or_look_on(self, unit: Selection, way: Way) -> None:
        if not self._take(unit, way, self._deep):
            self._assign_in_parts(unit)

    def _take(self, unit: Selection, way: Way, deep: bool) -> bool:
        """Places a unit on its way; False if the gate's needs cannot be met."""
        if way.gate is None or way.entry is None:
            self._place(self._base, hand_down(unit) if isinstance(unit, Field) else unit, way.edge, deep)
            return True
        slot = self._open_gate(way.gate, way.entry, way.requires)
        if slot is None:
            return False
        begins = isinstance(unit, Field) and bool(unit.part)
        self._place(
            self._gates[slot].drafts, inside(unit) if isinstance(unit, Field) else unit, way.edge, deep or begins
        )
        return True

    def _place(self, drafts: list[Draft], unit: Selection, edge: FieldEdge | None, deep: bool) -> None:
        for draft in drafts:
            known = draft.client
            if known is None and draft.edge is edge and _is_needed(draft, unit):
                draft.client = unit
                draft.deep |= deep
                return
            if isinstance(known, Field) and isinstance(unit, Field) and _same_value(known, unit):
                draft.client = join_fields(known, unit)
                draft.deep |= deep
                return
        drafts.append(Draft(edge, unit, deep))

    # -- gates and what they need -------------------------------------------------------------------------------

    def _open_gate(self, key: GateKey, entry: Entry, requires: SelectionSet | None) -> int | None:
        """Index of the gate, with everything it needs placed; None if its needs cannot be met."""
        if key in self._index:
            return None if key in self._failed else self._index[key]
        slot = self._index[key] = len(self._gates)
        gate = GateDraft(entry.edge, requires, key[2])
        self._gates.append(gate)
        self._opening.add(slot)
        met = all(self._meet(slot, gate, needed, required) for needed, required in self._needs_of(gate))
        self._opening.discard(slot)
        if not met:
            self._failed.add(key)
        return slot if met else None

    def _needs_of(self, gate: GateDraft) -> list[tuple[Field, bool]]:
        needs: dict[tuple[str, str], tuple[Field, bool]] = {}
        for selections, required in ((gate.edge.key, False), (gate.requires, True)):
            if selections is None:
                continue
            for item in fields_on(selections, self._node.type_name, self._solver.possible):
                known = needs.get(item.identity)
                needs[item.identity] = (join_fields(known[0], item), known[1]) if known else (item, required)
        return list(needs.values())

    def _meet(self, slot: int, gate: GateDraft, needed: Field, required: bool) -> bool:
        found = self._reuse(slot, needed) or self._fetch_need(slot, needed)
        if found is None:
            return False
        source, draft = found
        gate.needs.append((needed, required, source, draft))
        if source != BASE:
            gate.after |= {source} | self._gates[source].after
        return True

    def _reuse(self, slot: int, needed: Field) -> tuple[int, Draft] | None:
        """A slot that resolves the field already and does not need this gate."""
        for source in range(BASE, len(self._gates)):
            if source in self._opening or not self._is_usable(slot, source):
                continue
            for draft in self._base if source == BASE else self._gates[source].drafts:
                if self._serves(draft, needed):
                    draft.for_gates.append((slot, needed))
                    return source, draft
        return None

    def _is_usable(self, slot: int, source: int) -> bool:
        """Whether a gate may take what it needs from a slot: from one in its part or around it, not needing it."""
        if source == BASE:
            return True
        needed = self._gates[source]
        return slot not in needed.after and is_within(self._gates[slot].part, needed.part)

    def _serves(self, draft: Draft, needed: Field) -> bool:
        asked = draft.client if draft.client is not None else draft.for_gates[0][1]
        if not isinstance(asked, Field) or asked.identity != needed.identity:
            return False
        if needed.selections is None:
            return True
        if draft.edge is None or draft.edge.target is None:
            return asked.selections == needed.selections
        return not self._solver.solve(draft.edge.target, needed.selections, draft.deep).missing

    def _fetch_need(self, slot: int, needed: Field) -> tuple[int, Draft] | None:
        """Places the field where it costs least; a gate that is still being opened cannot serve it."""
        ways = [way for way in self._ways(needed, True, self._gates[slot].part) if not way.missing]
        for way in sorted(ways, key=lambda each: each.cost + self._unopened_cost(each)):
            source: int | None = BASE
            if way.gate is not None and way.entry is not None:
                if self._index.get(way.gate) in self._opening:
                    continue
                source = self._open_gate(way.gate, way.entry, way.requires)
            if source is None or not self._is_usable(slot, source):
                continue
            draft = Draft(way.edge, None, True, [(slot, needed)])
            (self._base if source == BASE else self._gates[source].drafts).append(draft)
            return source, draft
        return None

    def _unopened_cost(self, way: Way) -> int:
        return 0 if way.gate is None or way.gate in self._index else self._finder.gate_cost(way)


def _with_selections(unit: Selection, selections: SelectionSet) -> Selection:
    if isinstance(unit, Field):
        return unit.having(selections=selections)
    return Fragment(unit.type_name, selections, unit.condition)


def _is_needed(draft: Draft, unit: Selection) -> bool:
    return isinstance(unit, Field) and draft.for_gates[0][1].identity == unit.identity


def _same_value(left: Field, right: Field) -> bool:
    return left.response_key == right.response_key and left.identity == right.identity
