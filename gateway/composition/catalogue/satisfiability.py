"""Satisfiability."""

from __future__ import annotations

from gateway.composition.catalogue.entry import ErrorCode

CODES = (
    ErrorCode(
        "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
        "Resolvers of one shareable field can return no common object type.",
        "Make their possible types overlap.",
    ),
    ErrorCode(
        "SATISFIABILITY_ERROR",
        "A query that the supergraph allows cannot be answered by the subgraphs.",
        "Add a @key, or make the field resolvable where it is reached.",
    ),
    ErrorCode(
        "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
        "There are too many ways through the subgraphs to check the supergraph.",
        "Share fewer fields between fewer subgraphs.",
    ),
)
