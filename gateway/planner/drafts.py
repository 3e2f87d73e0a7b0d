"""Owns what is being collected for one place, and its closing into a solved site.

Closing settles conditions: a gate is opened when one of the fields behind it is wanted, and what a gate needs is
fetched when the gate is opened. Invariant: gates of a site stand in an order in which each finds its needs before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.graph.conditions import NEVER, Condition, any_of, either
from gateway.graph.nodes import EntityEdge, FieldEdge, Node
from gateway.graph.selection import Field, Selection, SelectionSet, join_fields, merge_fields
from gateway.planner.site import BASE, Gate, Need, Pick, Site, make_site
from gateway.planner.ways import Solver


@dataclass(slots=True, eq=False)
class Draft:
    """A selection placed in a slot; `client` is the part the client asked for, `for_gates` the parts gates need."""

    edge: FieldEdge | None
    client: Selection | None
    deep: bool
    for_gates: list[tuple[int, Field]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class GateDraft:
    edge: EntityEdge
    requires: SelectionSet | None
    part: str = ""
    drafts: list[Draft] = field(default_factory=list)
    needs: list[tuple[Field, bool, int, Draft]] = field(default_factory=list)
    after: set[int] = field(default_factory=set)


def close_site(solver: Solver, node: Node, base: list[Draft], gates: list[GateDraft], typename: bool) -> Site:
    """The site that the drafts describe."""
    return _Closer(solver, gates).close(node, base, typename)


class _Closer:
    def __init__(self, solver: Solver, gates: list[GateDraft]) -> None:
        self._solver = solver
        self._gates = gates

    def close(self, node: Node, base_drafts: list[Draft], typename: bool) -> Site:
        order = sorted(range(len(self._gates)), key=lambda slot: (len(self._gates[slot].after), slot))
        conditions: dict[int, Condition] = {}
        for slot in reversed(order):
            conditions[slot] = any_of(self._condition(draft, conditions) for draft in self._gates[slot].drafts)
        used = [slot for slot in order if self._gates[slot].drafts]
        position = {slot: at for at, slot in enumerate(used)} | {BASE: BASE}
        base = self._picks(base_drafts, conditions)
        gates = [self._close_gate(self._gates[slot], conditions, slot, position) for slot in used]
        return make_site(node, base, gates, typename=typename)

    def _condition(self, draft: Draft, conditions: dict[int, Condition]) -> Condition:
        result = draft.client.condition if draft.client is not None else NEVER
        for slot, _ in draft.for_gates:
            result = either(result, conditions.get(slot, NEVER)) if result else conditions.get(slot, NEVER)
        return result

    def _close_gate(
        self, gate: GateDraft, conditions: dict[int, Condition], slot: int, position: dict[int, int]
    ) -> Gate:
        target = gate.edge.target
        if target.is_abstract:
            content = merge_fields(item for draft in gate.drafts for item in self._content(draft, conditions))
            site = self._solver.solve(target, SelectionSet(content)).site
        else:
            site = make_site(target, self._picks(gate.drafts, conditions))
        needs = tuple(
            Need(needed, position[source], required, _response_key(draft, needed))
            for needed, required, source, draft in gate.needs
        )
        return Gate(edge=gate.edge, needs=needs, condition=conditions[slot], site=site, part=gate.part)

    def _content(self, draft: Draft, conditions: dict[int, Condition]) -> list[Selection]:
        parts: list[Selection] = [draft.client] if draft.client is not None else []
        return parts + [
            needed.having(condition=conditions[slot]) for slot, needed in draft.for_gates if slot in conditions
        ]

    def _picks(self, drafts: list[Draft], conditions: dict[int, Condition]) -> list[Pick]:
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
                site = self._solver.solve(draft.edge.target, joined.selections, draft.deep).site
            picks.append(Pick(joined, draft.edge, site))
        return picks


def _response_key(draft: Draft, needed: Field) -> str:
    return draft.client.response_key if isinstance(draft.client, Field) else needed.response_key
