"""Whether the subgraphs can answer every query that the supergraph allows.

The walk visits (type, ways to have got there) states of the API schema over the query graph; each field must be
resolvable from at least one of the ways. Invariant: the work is bounded, a graph that needs more is refused.
"""

from gateway.composition.satisfiability.check import check

__all__ = ["check"]
