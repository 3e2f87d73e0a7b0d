"""Owns the walk through the query graph: `Walker.solve` finds the best site for selections at a node.

Solutions are kept per (node, selections), so equal parts of an operation are solved once. Invariant: what a solution
does not list as missing is resolved by its site.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.graph.conditions import ALWAYS
from gateway.graph.nodes import Graph, Node
from gateway.graph.selection import Field, Fragment, Selection, SelectionSet, fields_on, merge_fields, under
from gateway.planner.budget import Budget
from gateway.planner.demands import widened
from gateway.planner.parts import settle
from gateway.planner.reach import Entry, find_entries
from gateway.planner.scope import merging_shape
from gateway.planner.site import Pick, Site, Solved, make_site, picks_at
from gateway.planner.site_builder import SiteBuilder


class Walker:
    """Solves selections at nodes of one graph, within one budget."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph = graph
        self.budget = budget
        self.possible = graph.supergraph.possible
        self._solved: dict[tuple[Node, str, bool], Solved] = {}
        self._entries: dict[Node, tuple[Entry, ...]] = {}
        self._searching: set[Node] = set()
        self._cut_short = 0

    def solve(self, node: Node, selections: SelectionSet, deep: bool = True) -> Solved:
        """The cheapest site found. Without `deep` no further entry is made: only what the node itself resolves.

        Raises:
            TooComplex: the budget is used up.
        """
        slot = (node, selections.text, deep)
        solved = self._solved.get(slot)
        if solved is None:
            self.budget.spend()
            before = self._cut_short
            solved = self._solve(node, selections, deep)
            if self._cut_short == before or not self._searching:
                self._solved[slot] = solved
        return solved

    def entries(self, node: Node) -> tuple[Entry, ...]:
        """Entries that can be made from a node; none while they are being searched (a key that needs itself)."""
        found = self._entries.get(node)
        if found is not None:
            return found
        if node in self._searching:
            self._cut_short += 1
            return ()
        self._searching.add(node)
        before = self._cut_short
        found = find_entries(node, self.possible, self.solve)
        self._searching.discard(node)
        if self._cut_short == before or not self._searching:
            self._entries[node] = found
        return found

    def _solve(self, node: Node, selections: SelectionSet, deep: bool) -> Solved:
        """Solves a place, and once more with what contextual arguments below ask of it, until nothing is added."""
        solved = self._solve_selected(node, selections, deep)
        if not solved.site.asked:
            return solved
        wider = widened(selections, solved.site.asked)
        return solved if wider.text == selections.text else self.solve(node, wider, deep)

    def _solve_selected(self, node: Node, selections: SelectionSet, deep: bool) -> Solved:
        if node.is_abstract:
            return self._solve_abstract(node, selections, deep)
        builder = SiteBuilder(self, node, deep)
        if node.is_interface_object:
            self._add_interface_object(builder, node, selections)
        else:
            builder.add_all(settle(fields_on(selections, node.type_name, self.possible)))
        return builder.finish()

    def _solve_abstract(self, node: Node, selections: SelectionSet, deep: bool) -> Solved:
        """Fields that every concrete type resolves alike are taken once; the rest for each type on its own."""
        items = settle(merge_fields(self._spread(selections, node.possible)))
        items = [item for item in items if not isinstance(item, Field) or item.name != "__typename"]
        plain = (self._plain_pick(node, item, deep) for item in items if isinstance(item, Field))
        picks = {pick.field: pick for pick in plain if pick is not None}
        while True:
            rest = [item for item in items if item not in picks]
            variants, missing = self._variants(node, rest, deep)
            unlike = _in_two_shapes(node, picks.values(), variants)
            if not unlike:
                break
            for pick in unlike:
                del picks[pick.field]
        site = make_site(node, list(picks.values()), variants=variants, typename=True)
        return Solved(site, SelectionSet(missing) if missing else None)

    def _variants(
        self, node: Node, rest: list[Selection], deep: bool
    ) -> tuple[list[tuple[str, Site]], list[Selection]]:
        """What is left for each concrete type on its own, and what no type's way resolves."""
        variants: list[tuple[str, Site]] = []
        missing: list[Selection] = []
        for type_name in sorted(node.possible) if rest else ():
            solved = self._variant(node, type_name, SelectionSet(rest), deep)
            if solved is not None:
                variants.append((type_name, solved.site))
                if solved.missing:
                    missing.append(Fragment(type_name, solved.missing))
        return variants, missing if node.possible else rest

    def _variant(self, node: Node, type_name: str, rest: SelectionSet, deep: bool) -> Solved | None:
        concrete = node.narrow(type_name)
        fields = [item for item in fields_on(rest, type_name, self.possible) if item.name != "__typename"]
        if concrete is None or not fields:
            return None
        return self.solve(concrete, SelectionSet(fields), deep)

    def _plain_pick(self, node: Node, field: Field, deep: bool) -> Pick | None:
        edge = node.field(field.name)
        if edge is None or edge.needs is not None or field.part:
            return None
        if field.selections is None or edge.target is None:
            return Pick(field, edge, None)
        solved = self.solve(edge.target, field.selections, deep)
        return None if solved.missing else Pick(field, edge, solved.site)

    def _spread(self, selections: SelectionSet, present: frozenset[str]) -> list[Selection]:
        """The selections with the fragments dissolved that apply to every type present."""
        result: list[Selection] = []
        for item in selections:
            if isinstance(item, Fragment) and present and present <= self.possible.get(item.type_name, frozenset()):
                result += under(SelectionSet(self._spread(item.selections, present)), item.condition)
            else:
                result.append(item)
        return result

    def _add_interface_object(self, builder: SiteBuilder, node: Node, selections: SelectionSet) -> None:
        """Fields of the interface are taken as they are; what depends on the concrete type waits for an entry that
        knows it, except for fields that the interface object resolves anyway.
        """
        everything = self.possible.get(node.type_name, frozenset())
        typed: list[Selection] = []
        for item in settle(merge_fields(self._spread(selections, everything))):
            if isinstance(item, Field) and item.name != "__typename":
                builder.add(item)
            elif isinstance(item, Field):
                typed.append(item)
            else:
                typed += self._hoist(builder, node, item)
        if typed:
            builder.add(Fragment(node.type_name, SelectionSet(typed), ALWAYS))

    def _hoist(self, builder: SiteBuilder, node: Node, fragment: Fragment) -> list[Selection]:
        """Takes what the interface object resolves without knowing the type; the type itself stays to be asked."""
        left: list[Selection] = [Field("__typename", "__typename")]
        for item in under(fragment.selections, fragment.condition):
            pick = self._plain_pick(node, item, deep=False) if isinstance(item, Field) else None
            if pick is None:
                left.append(item)
            else:
                builder.add(pick.field)
        return [Fragment(fragment.type_name, SelectionSet(left))]


def _in_two_shapes(node: Node, picks: Iterable[Pick], variants: list[tuple[str, Site]]) -> list[Pick]:
    """Picks that a concrete type takes once more in another shape (say not null): the two would get a key each, and
    whoever reads the value reads it under one.
    """
    shapes: dict[tuple[str, tuple[str, str]], set[str]] = {}
    for _, variant in variants:
        for subgraph, pick in picks_at(variant):
            if subgraph == node.subgraph:
                shapes.setdefault((pick.field.response_key, pick.field.identity), set()).add(_shape(pick))
    return [
        pick for pick in picks if shapes.get((pick.field.response_key, pick.field.identity), set()) - {_shape(pick)}
    ]


def _shape(pick: Pick) -> str:
    return merging_shape(pick.edge.type, pick.edge.target is not None)
