"""Optimisation of the fetch graph: one pass per module, in the order of `optimise`."""

from __future__ import annotations

from gateway.planner.optimise.drop_empty import drop_empty
from gateway.planner.optimise.fold_fragments import fold_fragments
from gateway.planner.optimise.merge_siblings import merge_siblings
from gateway.planner.optimise.set_waves import set_waves
from gateway.planner.steps import FetchGraph
from gateway.supergraph.model import Supergraph


def optimise(graph: FetchGraph, supergraph: Supergraph) -> FetchGraph:
    """The graph with fewer calls and the same result."""
    drop_empty(graph)
    merge_siblings(graph)
    set_waves(graph)
    fold_fragments(graph, supergraph)
    return graph
