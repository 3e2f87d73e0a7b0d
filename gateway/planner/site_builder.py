"""Owns the solution of one place: units are assigned to the place itself or to gates, gates get what they need.

Invariant: gates form no cycle: a gate's needs come from the base or from gates that do not (even indirectly) need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.graph.conditions import NEVER, Condition, any_of, either
from gateway.graph.nodes import EntityEdge, FieldEdge, Node
from gateway.graph.selection import (
    Field,
    Fragment,
    Selection,
    SelectionSet,
    fields_on,
    join_fields,
    merge,
    merge_fields,
)
from gateway.planner.choose import Option, choose
from gateway.planner.reach import Entry
from gateway.planner.site import BASE, GATE_COST, Gate, Need, Pick, Site, Solved, make_site

if TYPE_CHECKING:
    from gateway.planner.walk import Walker

GateKey = tuple[Node | None, str]
_NOWHERE: GateKey = (None, "")


@dataclass(slots=True, eq=False)
class _Way:
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
    def is_of_use(self) -> bool:
        """Whether a part can be taken this way. The objects of an abstract type come from one place as a whole: two
        subgraphs need not agree on which of its types an object has.
        """
        if self.solved is None or self.solved.missing is None:
            return True
        if self.edge is not None and self.edge.target is not None and self.edge.target.is_abstract:
            return False
        return self.solved.site.fields > 0


@dataclass(slots=True, eq=False)
class _Draft:
    """A selection placed in a slot; `client` is the part the client asked for, `for_gates` the parts gates need."""

    edge: FieldEdge | None
    client: Selection | None
    deep: bool
    for_gates: list[tuple[int, Field]] = field(default_factory=list)

    def selections(self) -> SelectionSet | None:
        result = self.client.selections if self.client is not None else None
        for _, needed in self.for_gates:
            result = merge(result, needed.selections)
        return result


@dataclass(slots=True, eq=False)
class _GateDraft:
    edge: EntityEdge
    requires: SelectionSet | None
    drafts: list[_Draft] = field(default_factory=list)
    needs: list[tuple[Field, bool, int, _Draft]] = field(default_factory=list)
    after: set[int] = field(default_factory=set)


class SiteBuilder:
    """Collects units of one place, then decides on all of them together."""

    def __init__(self, walker: Walker, node: Node, deep: bool) -> None:
        self._walker = walker
        self._node = node
        self._deep = deep
        self._base: list[_Draft] = []
        self._gates: list[_GateDraft] = []
        self._index: dict[GateKey, int] = {}
        self._open: list[Selection] = []
        self._missing: list[Selection] = []
        self._opening: set[int] = set()
        self._failed: set[int] = set()
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
        if isinstance(unit, Field):
            edge = self._node.field(unit.name)
            if edge is not None and edge.requires is None and self._is_settled(edge, unit):
                self._place(self._base, unit, edge, self._deep)
                return
        self._open.append(unit)

    def finish(self) -> Solved:
        """Decides on the open units and closes the site."""
        self._assign(self._open)
        site = self._close()
        return Solved(site, SelectionSet(self._missing) if self._missing else None)

    # -- ways ---------------------------------------------------------------------------------------------------

    def _is_settled(self, edge: FieldEdge, unit: Field) -> bool:
        if unit.selections is None or edge.target is None:
            return True
        solved = self._walker.solve(edge.target, unit.selections, self._deep)
        return not solved.missing and solved.site.cost < GATE_COST

    def _ways(self, unit: Selection, deep: bool) -> list[_Way]:
        ways: list[_Way] = []
        base = self._base_way(unit, deep)
        if base is not None:
            ways.append(base)
        if self._deep:
            for entry in self._walker.entries(self._node):
                way = self._entry_way(entry, unit, deep)
                if way is not None and self._index.get(way.gate or _NOWHERE) not in self._failed:
                    ways.append(way)
        return ways

    def _base_way(self, unit: Selection, deep: bool) -> _Way | None:
        edge = self._node.field(unit.name) if isinstance(unit, Field) else None
        if edge is None or edge.requires is not None:
            return None
        solved, cost = self._below(edge, unit, deep)
        return _Way(None, None, edge, None, solved, cost)

    def _entry_way(self, entry: Entry, unit: Selection, deep: bool) -> _Way | None:
        target = entry.edge.target
        if target.is_abstract:
            content = SelectionSet([unit])
            solved = self._walker.solve(target, content, deep)
            if solved.missing and isinstance(unit, Field):
                return None
            return _Way((target, ""), entry, None, None, solved, solved.site.cost + solved.site.fields)
        edge = target.field(unit.name) if isinstance(unit, Field) else None
        if edge is None or (edge.requires is None and target is self._node):
            return None
        below, cost = self._below(edge, unit, deep)
        cost += 1 + (below.site.fields if below is not None else 0)
        requires = edge.requires
        return _Way((target, requires.text if requires else ""), entry, edge, requires, below, cost)

    def _below(self, edge: FieldEdge, unit: Selection, deep: bool) -> tuple[Solved | None, int]:
        asked = unit.selections
        if asked is None or edge.target is None:
            return None, 1
        solved = self._walker.solve(edge.target, asked, deep)
        return solved, 1 + solved.site.cost

    def _gate_cost(self, way: _Way) -> int:
        if way.entry is None:
            return 0
        return way.entry.cost + (self._cost_of_requirement(way.requires) if way.requires else 0)

    def _cost_of_requirement(self, requires: SelectionSet) -> int:
        total = 0
        for needed in fields_on(requires, self._node.type_name, self._walker.possible):
            edge = self._node.field(needed.name)
            total += 1 if edge is not None and edge.requires is None else 1 + GATE_COST
        return total

    # -- assignment ---------------------------------------------------------------------------------------------

    def _assign(self, units: list[Selection]) -> None:
        whole: list[tuple[Selection, list[_Way]]] = []
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

    def _assign_whole(self, units: list[tuple[Selection, list[_Way]]]) -> None:
        if not units:
            return
        gate_cost = {way.gate: self._gate_cost(way) for _, ways in units for way in ways if way.gate is not None}
        options = [[Option(way.gate, way.cost) for way in ways] for _, ways in units]
        chosen = choose(options, gate_cost, self._walker.budget)
        picked = [(unit, ways[at]) for (unit, ways), at in zip(units, chosen, strict=True)]
        for unit, way in picked:
            if way.cost < GATE_COST:
                self._take_or_look_on(unit, way)
        for unit, way in picked:
            if way.cost >= GATE_COST and not self._assign_split(unit, way):
                self._take_or_look_on(unit, way)

    def _assign_split(self, unit: Selection, best: _Way) -> bool:
        """Takes the parts of a unit from several entries directly, if that needs no more calls than the best way."""
        limit = best.cost + (0 if best.gate is None or best.gate in self._index else self._gate_cost(best))
        parts: list[tuple[Selection, _Way]] = []
        opened = set(self._index)
        cost = 0
        left: Selection | None = unit
        while left is not None:
            ways = [way for way in self._ways(left, deep=False) if way.is_of_use]
            ways = [way for way in ways if way.requires is None and all(way.edge is not used.edge for _, used in parts)]
            if not ways:
                return False
            way = min(ways, key=lambda each: self._split_rank(each, opened))
            cost += way.cost + (0 if way.gate is None or way.gate in opened else self._gate_cost(way))
            if cost > limit:
                return False
            if way.gate is not None:
                opened.add(way.gate)
            parts.append((left, way))
            left = _with_selections(left, way.missing) if way.missing else None
        for part, way in parts:
            self._take(part, way, deep=False)
        return True

    def _split_rank(self, way: _Way, opened: set[GateKey]) -> tuple[int, int]:
        opening = 0 if way.gate is None or way.gate in opened else self._gate_cost(way)
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
                key=lambda each: (len(each.missing.text) if each.missing else 0, self._gate_cost(each) + each.cost),
            )
            used.append(way.edge or way.gate)
            if not self._take(left, way, self._deep):
                continue
            left = _with_selections(left, way.missing) if way.missing else None

    def _take_or_look_on(self, unit: Selection, way: _Way) -> None:
        if not self._take(unit, way, self._deep):
            self._assign_in_parts(unit)

    def _take(self, unit: Selection, way: _Way, deep: bool) -> bool:
        """Places a unit on its way; False if the gate's needs cannot be met."""
        if way.gate is None or way.entry is None:
            self._place(self._base, unit, way.edge, deep)
            return True
        slot = self._open_gate(way.gate, way.entry, way.requires)
        if slot is None:
            return False
        self._place(self._gates[slot].drafts, unit, way.edge, deep)
        return True

    def _place(self, drafts: list[_Draft], unit: Selection, edge: FieldEdge | None, deep: bool) -> None:
        for draft in drafts:
            known = draft.client
            if isinstance(known, Field) and isinstance(unit, Field) and _same_value(known, unit):
                draft.client = join_fields(known, unit)
                draft.deep |= deep
                return
        drafts.append(_Draft(edge, unit, deep))

    # -- gates and what they need -------------------------------------------------------------------------------

    def _open_gate(self, key: GateKey, entry: Entry, requires: SelectionSet | None) -> int | None:
        """Index of the gate, with everything it needs placed; None if its needs cannot be met."""
        if key in self._index:
            return None if self._index[key] in self._failed else self._index[key]
        slot = self._index[key] = len(self._gates)
        gate = _GateDraft(entry.edge, requires)
        self._gates.append(gate)
        self._opening.add(slot)
        met = all(self._meet(slot, gate, needed, required) for needed, required in self._needs_of(gate))
        self._opening.discard(slot)
        if not met:
            self._failed.add(slot)
        return slot if met else None

    def _needs_of(self, gate: _GateDraft) -> list[tuple[Field, bool]]:
        needs: dict[tuple[str, str], tuple[Field, bool]] = {}
        for selections, required in ((gate.edge.key, False), (gate.requires, True)):
            if selections is None:
                continue
            for item in fields_on(selections, self._node.type_name, self._walker.possible):
                known = needs.get(item.identity)
                needs[item.identity] = (join_fields(known[0], item), known[1]) if known else (item, required)
        return list(needs.values())

    def _meet(self, slot: int, gate: _GateDraft, needed: Field, required: bool) -> bool:
        found = self._reuse(slot, needed) or self._fetch_need(slot, needed)
        if found is None:
            return False
        source, draft = found
        gate.needs.append((needed, required, source, draft))
        if source != BASE:
            gate.after |= {source} | self._gates[source].after
        return True

    def _reuse(self, slot: int, needed: Field) -> tuple[int, _Draft] | None:
        """A slot that resolves the field already and does not need this gate."""
        for source in range(BASE, len(self._gates)):
            if source in self._opening or (source != BASE and slot in self._gates[source].after):
                continue
            for draft in self._base if source == BASE else self._gates[source].drafts:
                if self._serves(draft, needed):
                    draft.for_gates.append((slot, needed))
                    return source, draft
        return None

    def _serves(self, draft: _Draft, needed: Field) -> bool:
        asked = draft.client if draft.client is not None else draft.for_gates[0][1]
        if not isinstance(asked, Field) or asked.identity != needed.identity:
            return False
        if needed.selections is None:
            return True
        if draft.edge is None or draft.edge.target is None:
            return asked.selections == needed.selections
        return not self._walker.solve(draft.edge.target, needed.selections, draft.deep).missing

    def _fetch_need(self, slot: int, needed: Field) -> tuple[int, _Draft] | None:
        """Places the field where it costs least; a gate that is still being opened cannot serve it."""
        ways = [way for way in self._ways(needed, deep=True) if not way.missing]
        for way in sorted(ways, key=lambda each: each.cost + self._unopened_cost(each)):
            source: int | None = BASE
            if way.gate is not None and way.entry is not None:
                if self._index.get(way.gate) in self._opening:
                    continue
                source = self._open_gate(way.gate, way.entry, way.requires)
            if source is None or (source != BASE and slot in self._gates[source].after):
                continue
            draft = _Draft(way.edge, None, True, [(slot, needed)])
            (self._base if source == BASE else self._gates[source].drafts).append(draft)
            return source, draft
        return None

    def _unopened_cost(self, way: _Way) -> int:
        return 0 if way.gate is None or way.gate in self._index else self._gate_cost(way)

    # -- closing ------------------------------------------------------------------------------------------------

    def _close(self) -> Site:
        order = sorted(range(len(self._gates)), key=lambda slot: (len(self._gates[slot].after), slot))
        conditions: dict[int, Condition] = {}
        for slot in reversed(order):
            conditions[slot] = any_of(self._condition(draft, conditions) for draft in self._gates[slot].drafts)
        used = [slot for slot in order if self._gates[slot].drafts]
        position = {slot: at for at, slot in enumerate(used)} | {BASE: BASE}
        base = self._picks(self._base, conditions)
        gates = [self._close_gate(self._gates[slot], conditions, slot, position) for slot in used]
        return make_site(self._node, base, gates, typename=self._typename)

    def _condition(self, draft: _Draft, conditions: dict[int, Condition]) -> Condition:
        result = draft.client.condition if draft.client is not None else NEVER
        for slot, _ in draft.for_gates:
            result = either(result, conditions.get(slot, NEVER)) if result else conditions.get(slot, NEVER)
        return result

    def _close_gate(
        self, gate: _GateDraft, conditions: dict[int, Condition], slot: int, position: dict[int, int]
    ) -> Gate:
        target = gate.edge.target
        if target.is_abstract:
            content = merge_fields(item for draft in gate.drafts for item in self._content(draft, conditions))
            site = self._walker.solve(target, SelectionSet(content)).site
        else:
            site = make_site(target, self._picks(gate.drafts, conditions))
        needs = tuple(
            Need(needed, position[source], required, _response_key(draft, needed))
            for needed, required, source, draft in gate.needs
        )
        return Gate(edge=gate.edge, needs=needs, condition=conditions[slot], site=site)

    def _content(self, draft: _Draft, conditions: dict[int, Condition]) -> list[Selection]:
        parts: list[Selection] = [draft.client] if draft.client is not None else []
        return parts + [
            needed.having(condition=conditions[slot]) for slot, needed in draft.for_gates if slot in conditions
        ]

    def _picks(self, drafts: list[_Draft], conditions: dict[int, Condition]) -> list[Pick]:
        picks: list[Pick] = []
        for draft in drafts:
            joined: Field | None = None
            for part in self._content(draft, conditions):
                if isinstance(part, Field) and part.condition:
                    joined = part if joined is None else join_fields(joined, part)
            if joined is None or draft.edge is None:
                continue
            site = None
            if joined.selections is not None and draft.edge.target is not None:
                site = self._walker.solve(draft.edge.target, joined.selections, draft.deep).site
            picks.append(Pick(joined, draft.edge, site))
        return picks


def _with_selections(unit: Selection, selections: SelectionSet) -> Selection:
    if isinstance(unit, Field):
        return unit.having(selections=selections)
    return Fragment(unit.type_name, selections, unit.condition)


def _response_key(draft: _Draft, needed: Field) -> str:
    return draft.client.response_key if isinstance(draft.client, Field) else needed.response_key


def _same_value(left: Field, right: Field) -> bool:
    return left.response_key == right.response_key and left.identity == right.identity
