"""Owns the operations whose plans are compared with those of other planners: supergraphs, queries and a name for each.

The audit's cases, random operations on the audit's graphs, the golden queries, and random operations on random graphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graphql import GraphQLError, parse, validate

from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph
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

    id: str
    group: str
    graph: str
    query: str
    labels: tuple[str, ...] = ()


def operations() -> Iterator[Planned]:
    """All operations, the same every time."""
    for name in suite_names():
        for number, case in enumerate(suite(name).cases):
            if _is_valid(audit_planner(name), case["query"]):
                yield Planned(f"audit/{name}/{number}", "audit", f"audit/{name}", case["query"])
        for seed in range(RANDOM_ON_AUDIT):
            text = random_operation(audit_planner(name).supergraph.api_schema, seed).text()
            if _is_valid(audit_planner(name), text):
                yield Planned(f"audit-random/{name}/{seed}", "audit-random", f"audit/{name}", text)
    for golden in golden_files():
        for number, query in enumerate(golden.queries()):
            graph = f"golden/{golden.path.stem}"
            yield Planned(f"{graph}/{number}", "golden", graph, query.text, tuple(query.labels))
    for seed in range(WORLDS):
        world = _world(seed)
        for number, operation in enumerate(world.operations()):
            yield Planned(
                f"random/{seed}/{number}",
                "random",
                f"random/{seed}",
                operation.text(),
                tuple(world.labels(seed % 2 == 1)),
            )


@cache
def planner(graph: str) -> Planner:
    """A planner on one of the graphs."""
    kind, name = graph.split("/")
    if kind == "audit":
        return audit_planner(name)
    if kind == "golden":
        return next(golden.planner for golden in golden_files() if golden.path.stem == name)
    return Planner(parse_supergraph(supergraph(graph)))


def supergraph(graph: str) -> str:
    """The text of one of the graphs."""
    kind, name = graph.split("/")
    if kind == "random":
        return _world(int(name)).planner.supergraph.sdl
    return planner(graph).supergraph.sdl


@cache
def _world(seed: int) -> Graph:
    """A random graph without contexts, which not every planner knows."""
    return Graph.serving(generate_world(seed, contexts=False))


def _is_valid(on: Planner, query: str) -> bool:
    try:
        return not validate(on.supergraph.api_schema, parse(query))
    except GraphQLError:
        return False
