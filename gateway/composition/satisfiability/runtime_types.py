"""Shared fields of abstract type: subgraphs that resolve one must be able to return the same object types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.graph.nodes import FieldEdge, Node


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Object types by subgraph id; `fatal` when no type is common."""

    by_subgraph: dict[str, frozenset[str]]
    fatal: bool


def compare(edges: Sequence[tuple[Node, FieldEdge]]) -> Disagreement | None:
    """What differs among the subgraphs that resolve a field, if anything does."""
    found: dict[str, frozenset[str]] = {}
    for node, edge in edges:
        if edge.target is None or not edge.target.is_abstract:
            continue
        found[node.subgraph] = found.get(node.subgraph, frozenset()) | edge.target.possible
    kinds = set(found.values())
    if len(kinds) < 2:
        return None
    return Disagreement(found, not frozenset.intersection(*kinds))


def listing(disagreement: Disagreement, names: dict[str, str]) -> str:
    return "\n".join(
        f'- in subgraph "{names[subgraph]}": {", ".join(sorted(types)) or "none"}'
        for subgraph, types in disagreement.by_subgraph.items()
    )
