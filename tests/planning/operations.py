"""Owns the operations whose plans are compared with those of other planners.

The audit's cases, random operations on the audit's graphs, the golden queries, and random operations on random graphs.
They are drawn anew only when the other planners are asked again; `recorded.py` keeps what was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graphql import GraphQLError, parse, validate

from gateway.planner.plan import Planner
from tests.audit.suites import planner as audit_planner
from tests.audit.suites import suite, suite_names
from tests.differential.generate import generate_world
from tests.differential.graph import Graph
from tests.differential.operations import random_operation
from tests.unit.gateway.planner.golden_files import golden_files

RANDOM_ON_AUDIT = 6
WORLDS = 50


@dataclass(frozen=True)
class Planned:
    """One operation. `graph`: the supergraph it is for; `labels`: active override labels."""

    group: str
    graph: str
    query: str
    labels: tuple[str, ...] = ()


def drawn() -> Iterator[Planned]:
    """All operations."""
    for name in suite_names():
        for case in suite(name).cases:
            if _is_valid(audit_planner(name), case["query"]):
                yield Planned("audit", f"audit/{name}", case["query"])
        for seed in range(RANDOM_ON_AUDIT):
            text = random_operation(audit_planner(name).supergraph.api_schema, seed).text()
            if _is_valid(audit_planner(name), text):
                yield Planned("audit-random", f"audit/{name}", text)
    for golden in golden_files():
        for query in golden.queries():
            yield Planned("golden", f"golden/{golden.path.stem}", query.text, tuple(query.labels))
    for seed in range(WORLDS):
        world = random_graph(seed)
        for operation in world.operations():
            yield Planned("random", f"random/{seed}", operation.text(), tuple(world.labels(seed % 2 == 1)))


@cache
def random_graph(seed: int) -> Graph:
    """A random graph without contexts, which not every planner knows."""
    return Graph.serving(generate_world(seed, contexts=False))


def _is_valid(on: Planner, query: str) -> bool:
    try:
        return not validate(on.supergraph.api_schema, parse(query))
    except GraphQLError:
        return False
