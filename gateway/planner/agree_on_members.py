"""Owns the rule of partial unions: where several subgraphs can serve a union whose members differ among them, only
members known to all of them are asked for.

Which of those subgraphs serves the field is chosen by cost, so what a client gets must not depend on it. A subgraph is
a candidate if the path leads there by fields and entries alike. Runs only when the supergraph has such unions.
"""

from __future__ import annotations

from gateway.graph.nodes import Graph, Node
from gateway.graph.selection import Field, Fragment, Selection, SelectionSet


def agree_on_members(graph: Graph, selections: SelectionSet, root_type: str) -> SelectionSet:
    """The selections without fragments on members that only some candidates of their union know."""
    if not graph.supergraph.partial_unions:
        return selections
    start = frozenset(edge.target for edge in graph.roots(root_type))
    return _Pruner(graph).prune(selections, start)


class _Pruner:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._possible = graph.supergraph.possible

    def prune(self, selections: SelectionSet, candidates: frozenset[Node]) -> SelectionSet:
        members = self._agreed_members(candidates)
        items: list[Selection] = []
        for item in selections:
            if isinstance(item, Field):
                items.append(self._field(item, candidates))
                continue
            matching = self._possible.get(item.type_name, frozenset())
            if members is None or matching & members:
                inner = self._narrowed(candidates, matching)
                items.append(Fragment(item.type_name, self.prune(item.selections, inner), item.condition))
        return SelectionSet(items or [Field("__typename", "__typename")])

    def _field(self, field: Field, candidates: frozenset[Node]) -> Field:
        if field.selections is None:
            return field
        targets = {
            edge.target
            for node in self._reachable(candidates)
            if (edge := node.field(field.name)) is not None and edge.target is not None
        }
        return field.having(selections=self.prune(field.selections, frozenset(targets))) if targets else field

    def _agreed_members(self, candidates: frozenset[Node]) -> frozenset[str] | None:
        """Members that all candidates know, None where nothing has to be agreed on."""
        unions = [node for node in candidates if node.type_name in self._graph.supergraph.partial_unions]
        if len(unions) < 2 or len(unions) != len(candidates):
            return None
        return frozenset.intersection(*(node.possible for node in unions))

    def _reachable(self, candidates: frozenset[Node]) -> frozenset[Node]:
        """The candidates and every entry that objects there can be given."""
        entered = {edge.target for node in candidates for edge in node.entries() if edge.key is not None}
        return candidates | entered

    def _narrowed(self, candidates: frozenset[Node], types: frozenset[str]) -> frozenset[Node]:
        narrowed = (node.narrow(name) for node in candidates for name in sorted(types & node.possible))
        return frozenset(node for node in narrowed if node is not None) or candidates
