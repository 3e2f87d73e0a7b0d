"""Where keys lead from a node of the query graph.

Invariant: a least fixpoint. An entry opens only when its key can be had from nodes that were reached before.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.composition.satisfiability.budget import Budget
from gateway.graph.nodes import Node
from gateway.graph.selection import SelectionSet

Nodes = tuple[Node, ...]


class KeyClosures:
    """Memoised closures. `selects` says whether a key can be had from nodes; it may ask for closures again."""

    def __init__(self, selects: Callable[[Nodes, SelectionSet], bool], budget: Budget) -> None:
        self.cut = 0  # how often an answer depended on a search still under way
        self._selects = selects
        self._budget = budget
        self._closures: dict[Node, Nodes] = {}
        self._partial: dict[Node, dict[Node, None]] = {}
        self._interned: dict[frozenset[Node], Nodes] = {}

    def closure(self, node: Node) -> Nodes:
        """The node and every node that can be entered from it by keys, through others if need be."""
        known = self._closures.get(node)
        if known is not None:
            return known
        under_way = self._partial.get(node)
        if under_way is not None:
            self.cut += 1
            return tuple(under_way)
        group = self._group(node)
        before = self.cut
        self._partial |= {member: {member: None} for member in group}
        try:
            self._settle(group)
            results = {member: self._intern(self._partial[member]) for member in group}
        finally:
            for member in group:
                del self._partial[member]
        if self.cut == before or not self._partial:
            self._closures |= results
        return results[node]

    def is_shared(self, nodes: Nodes) -> bool:
        """Whether these nodes are the one tuple for their set, so that answers about them may be kept."""
        return self._interned.get(frozenset(nodes)) is nodes

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
        found = [text for text, (key, _) in closed.items() if key is None or self._selects(reached, key)]
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


def _node_order(node: Node) -> tuple[str, str, str]:
    return node.subgraph, node.type_name, node.provided.text if node.provided else ""


def _by_key(member: Node) -> dict[str, tuple[SelectionSet | None, list[Node]]]:
    """The member's entries by the key they ask for."""
    found: dict[str, tuple[SelectionSet | None, list[Node]]] = {}
    for edge in member.entries():
        if edge.target is not member:
            found.setdefault(edge.key.text if edge.key else "", (edge.key, []))[1].append(edge.target)
    return found
