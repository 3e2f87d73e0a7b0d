"""What can be had from a place in the query graph: other subgraphs by keys, fields by their requirements.

Invariant: answers are least fixpoints. A requirement never counts as met because of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.satisfiability.budget import Budget
from gateway.composition.satisfiability.tables import Contextual
from gateway.graph.nodes import FieldEdge, Graph, Node
from gateway.graph.selection import Field, Fragment, SelectionSet, parse_field_set

Nodes = tuple[Node, ...]
_FEW = 8  # below that, looking at each node is cheaper than an index


class Reach:
    """Memoised searches over one graph. `contexts` of a question are the `@context`s set above the place."""

    def __init__(self, graph: Graph, contextual: Contextual, budget: Budget) -> None:
        self.graph = graph
        self.contextual = contextual
        self._budget = budget
        self._possible = graph.supergraph.possible
        self._closures: dict[Node, Nodes] = {}
        self._partial: dict[Node, dict[Node, None]] = {}
        self._interned: dict[frozenset[Node], Nodes] = {}
        self._declaring: dict[int, dict[str, Nodes]] = {}
        self._edges: dict[tuple[int, str, frozenset[str]], list[tuple[Node, FieldEdge]]] = {}
        self._active: set[tuple[Node, str]] = set()
        self._cut = 0  # how often an answer depended on a search still under way

    def closure(self, node: Node) -> Nodes:
        """The node and every node that can be entered from it by keys, through others if need be."""
        known = self._closures.get(node)
        if known is not None:
            return known
        under_way = self._partial.get(node)
        if under_way is not None:
            self._cut += 1
            return tuple(under_way)
        group = self._group(node)
        before = self._cut
        self._partial |= {member: {member: None} for member in group}
        try:
            self._settle(group)
            results = {member: self._intern(self._partial[member]) for member in group}
        finally:
            for member in group:
                del self._partial[member]
        if self._cut == before or not self._partial:
            self._closures |= results
        return results[node]

    def _intern(self, nodes: dict[Node, None]) -> Nodes:
        """One tuple for one set of nodes, so that what is found out about it serves all who reach the same."""
        slot = frozenset(nodes)
        if slot not in self._interned:
            self._interned[slot] = tuple(sorted(nodes, key=_node_order))
        return self._interned[slot]

    def _group(self, node: Node) -> Nodes:
        """The nodes that entries connect with the node, whether or not their keys can be had."""
        found = {node: None}
        waiting = [node]
        while waiting:
            for edge in waiting.pop().entries():
                if edge.target not in found and edge.target not in self._closures:
                    found[edge.target] = None
                    waiting.append(edge.target)
        return tuple(member for member in found if member not in self._partial)

    def _settle(self, group: Nodes) -> None:
        """Opens entries whose keys can be had from where they start, until no more open."""
        closed = {member: _by_key(member) for member in group}
        opened: dict[Node, list[Node]] = {member: [] for member in group}
        grown = True
        while grown:
            outcomes = [self._open(member, closed[member], opened[member]) for member in group]
            grown = any(outcomes)
            for member in group if grown else ():
                self._spread(member, opened)

    def _open(
        self, member: Node, closed: dict[str, tuple[SelectionSet | None, list[Node]]], opened: list[Node]
    ) -> bool:
        """Whether more keys can be had from a member than before."""
        reached = tuple(self._partial[member])
        found = [text for text, (key, _) in closed.items() if key is None or self.selects(reached, key)]
        for text in found:
            opened += closed.pop(text)[1]
        return bool(found)

    def _spread(self, member: Node, opened: dict[Node, list[Node]]) -> None:
        """Follows opened entries transitively."""
        reached = self._partial[member]
        waiting = list(reached)
        while waiting:
            following = waiting.pop()
            known = self._closures.get(following)
            targets = opened.get(following, ()) if known is None else known
            self._budget.spend()
            for target in targets:
                if target not in reached:
                    reached[target] = None
                    waiting.append(target)

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
            before = self._cut
            found = self.edges(reached, name, contexts)
            if self._cut == before and self._interned.get(frozenset(reached)) is reached:
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
            if self._interned.get(frozenset(nodes)) is nodes:
                self._declaring[id(nodes)] = index
        return index.get(name, ())

    def _usable(self, node: Node, edge: FieldEdge, contexts: frozenset[str]) -> bool:
        if not self.contextual.get((node.subgraph, node.type_name, edge.name), frozenset()) <= contexts:
            return False
        if edge.requires is None:
            return True
        slot = (node, edge.name)
        if slot in self._active:
            self._cut += 1
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


def _node_order(node: Node) -> tuple[str, str, str]:
    return node.subgraph, node.type_name, node.provided.text if node.provided else ""


def _by_key(member: Node) -> dict[str, tuple[SelectionSet | None, list[Node]]]:
    """The member's entries by the key they ask for."""
    found: dict[str, tuple[SelectionSet | None, list[Node]]] = {}
    for edge in member.entries():
        if edge.target is not member:
            found.setdefault(edge.key.text if edge.key else "", (edge.key, []))[1].append(edge.target)
    return found


def _is_labelled(node: Node, name: str) -> bool:
    declared = node.table.fields.get(name)
    return declared is not None and declared.label is not None
