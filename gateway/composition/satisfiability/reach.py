"""What can be had from a place in the query graph: fields, with their requirements, wherever keys lead.

Invariant: answers are least fixpoints. A requirement never counts as met because of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.satisfiability.budget import Budget
from gateway.composition.satisfiability.key_closures import KeyClosures, Nodes
from gateway.composition.satisfiability.tables import Contextual
from gateway.graph.nodes import FieldEdge, Graph, Node
from gateway.graph.selection import Field, Fragment, SelectionSet, parse_field_set

_FEW = 8  # below that, looking at each node is cheaper than an index


class Reach:
    """Memoised searches over one graph. `contexts` of a question are the `@context`s set above the place."""

    def __init__(self, graph: Graph, contextual: Contextual, budget: Budget) -> None:
        self.graph = graph
        self.contextual = contextual
        self._budget = budget
        self._possible = graph.supergraph.possible
        self._keys = KeyClosures(self.selects, budget)
        self._declaring: dict[int, dict[str, Nodes]] = {}
        self._edges: dict[tuple[int, str, frozenset[str]], list[tuple[Node, FieldEdge]]] = {}
        self._active: set[tuple[Node, str]] = set()

    def closure(self, node: Node) -> Nodes:
        """The node and every node that can be entered from it by keys, through others if need be."""
        return self._keys.closure(node)

    def selects(self, nodes: Nodes, selections: SelectionSet) -> bool:
        """Whether everything selected can be had from these nodes, which are all there is (no further closure)."""
        return all(self._selects(nodes, entry) for entry in selections)

    def _selects(self, nodes: Nodes, entry: Field | Fragment) -> bool:
        self._budget.spend()
        if isinstance(entry, Fragment):
            return self._selects_fragment(nodes, entry)
        if entry.name == "__typename":
            return True
        targets = self._required_targets(nodes, entry.name)
        if targets is None:
            return False
        if entry.selections is None or not targets:
            return True
        return self._selects_below(targets, entry.selections)

    def _selects_below(self, options: Nodes, selections: SelectionSet) -> bool:
        """Each selection may be had from another of the options."""
        return all(
            any(self._selects(self.closure(option), entry) for option in options) or self._explodes(options, entry)
            for entry in selections
        )

    def _explodes(self, options: Nodes, entry: Field | Fragment) -> bool:
        """A field of an abstract type that every concrete type can resolve on its own."""
        if isinstance(entry, Fragment) or not any(option.is_abstract for option in options):
            return False
        concrete = {name for option in options for name in option.possible}
        return bool(concrete) and all(self._narrowed_selects(options, name, entry) for name in sorted(concrete))

    def _narrowed_selects(self, options: Nodes, name: str, entry: Field | Fragment) -> bool:
        narrowed, _ = self.narrow(options, name)
        return not narrowed or any(self._selects(self.closure(option), entry) for option in narrowed)

    def _selects_fragment(self, nodes: Nodes, entry: Fragment) -> bool:
        outer = set().union(*(self._possible.get(node.type_name, {node.type_name}) for node in nodes))
        inner = self._possible.get(entry.type_name, frozenset({entry.type_name}))
        concrete = sorted(outer & inner)
        if not concrete:  # wrong on an abstract type, pointless but harmless on one that was narrowed already
            return not any(node.is_abstract for node in nodes)
        return all(
            not (narrowed := self.narrow(nodes, name)[0]) or self._selects_below(narrowed, entry.selections)
            for name in concrete
        )

    def _required_targets(self, nodes: Nodes, name: str) -> Nodes | None:
        """Where a required field leads (nothing for leaves), None where none resolves it.

        A requirement must be met whatever state a label is in, so it cannot rely on either end of a labelled override.
        """
        edges = [edge for node, edge in self.edges(nodes, name, frozenset()) if not _is_labelled(node, name)]
        return tuple(dict.fromkeys(edge.target for edge in edges if edge.target is not None)) if edges else None

    def ways(self, option: Node, name: str, contexts: frozenset[str]) -> list[tuple[Node, FieldEdge]]:
        """The usable edges of a field from everywhere that can be reached from a node."""
        reached = self.closure(option)
        slot = (id(reached), name, contexts)
        found = self._edges.get(slot)
        if found is None:
            before = self._keys.cut
            found = self.edges(reached, name, contexts)
            if self._keys.cut == before and self._keys.is_shared(reached):
                self._edges[slot] = found
        return found

    def edges(self, nodes: Nodes, name: str, contexts: frozenset[str]) -> list[tuple[Node, FieldEdge]]:
        """The usable edges of a field, with the nodes they start from."""
        found = []
        for node in self._declarations(nodes, name):
            self._budget.spend()
            edge = node.field(name)
            if edge is not None and self._usable(node, edge, contexts):
                found.append((node, edge))
        return found

    def _declarations(self, nodes: Nodes, name: str) -> Nodes:
        """Those of the nodes whose type has the field; many nodes are asked for many fields."""
        if len(nodes) < _FEW:
            return nodes
        index = self._declaring.get(id(nodes))
        if index is None:
            index = {}
            for node in nodes:
                self._budget.spend()
                for field_name in node.table.fields:
                    index[field_name] = (*index.get(field_name, ()), node)
            if self._keys.is_shared(nodes):
                self._declaring[id(nodes)] = index
        return index.get(name, ())

    def _usable(self, node: Node, edge: FieldEdge, contexts: frozenset[str]) -> bool:
        if not self.contextual.get((node.subgraph, node.type_name, edge.name), frozenset()) <= contexts:
            return False
        if edge.requires is None:
            return True
        slot = (node, edge.name)
        if slot in self._active:
            self._keys.cut += 1
            return False
        self._active.add(slot)
        try:
            return self._is_met(node, edge.requires)
        finally:
            self._active.discard(slot)

    def _is_met(self, node: Node, requires: SelectionSet) -> bool:
        """What is had elsewhere must be brought back, which takes a key (even one that others cannot enter by)."""
        if self.selects((node,), requires):
            return True
        reached = self.closure(node)
        if not self.selects(reached, requires):
            return False
        if any(edge.key is None for edge in node.entries()):
            return True
        return any(self.selects(reached, parse_field_set(key.fields)) for key in node.table.keys)

    def narrow(self, options: Sequence[Node], type_name: str) -> tuple[Nodes, bool]:
        """The options for one concrete type, and whether an interface object could not be told its concrete type."""
        found: dict[Node, None] = {}
        lost = False
        for option in options:
            if option.type_name == type_name:
                found[option] = None
            elif option.is_abstract:
                narrowed = option.narrow(type_name)
                if narrowed is not None:
                    found[narrowed] = None
            elif option.is_interface_object:
                real = [node.narrow(type_name) for node in self.closure(option) if node.is_abstract]
                found |= dict.fromkeys(node for node in real if node is not None)
                lost |= not any(node.is_abstract for node in self.closure(option))
        return tuple(found), lost


def _is_labelled(node: Node, name: str) -> bool:
    declared = node.table.fields.get(name)
    return declared is not None and declared.label is not None
