"""The planner: CPU to load a supergraph and to plan an operation for the first time, nothing kept from before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from graphql import DocumentNode, parse, validate

from gateway.planner.errors import PlanningFailed
from gateway.planner.nodes import Sequence as InSequence
from gateway.planner.nodes import fetches_of
from gateway.planner.plan import Planner
from gateway.supergraph.model import Supergraph
from gateway.supergraph.parse import parse_supergraph
from scripts.benchmarks.percentiles import percentile
from scripts.benchmarks.tables import table
from tests.audit.suites import cases, suite
from tests.testkit.synthetic_graphs import hard_query, hard_supergraph, large_query, large_supergraph

TRIES = 3
SEEDS = (1, 2, 3)


def main(words: Sequence[str]) -> int:
    """Prints both tables."""
    audit = [_cpu_ms(partial(_plan, supergraph, document)) for supergraph, document in _audit_operations()]
    quantiles = [f"{percentile(audit, at):.2f}" for at in (0.5, 0.95, 1)]
    print(table(["operations", "p50 ms", "p95 ms", "max ms"], [[str(len(audit)), *quantiles]]))
    rows = [_row(f"hard, seed {seed}", hard_supergraph(), hard_query(seed)) for seed in SEEDS]
    rows.append(_row("1,000 types, 30 subgraphs", large_supergraph(), large_query()))
    print(table(["graph", "load ms", "plan ms", "requests", "waves"], rows))
    return 0


def _audit_operations() -> Iterator[tuple[Supergraph, DocumentNode]]:
    supergraphs = {name: parse_supergraph(suite(name).supergraph) for name, _ in cases()}
    for name, number in cases():
        document = parse(suite(name).cases[number]["query"])
        if not validate(supergraphs[name].api_schema, document):
            yield supergraphs[name], document


def _plan(supergraph: Supergraph, document: DocumentNode) -> None:
    try:
        Planner(supergraph).plan(document)
    except PlanningFailed:
        return  # a few cases of the audit must fail, and that is measured like the rest


def _row(name: str, sdl: str, query: str) -> list[str]:
    document = parse(query)
    load = _cpu_ms(lambda: parse_supergraph(sdl))
    supergraph = parse_supergraph(sdl)
    root = Planner(supergraph).plan(document).root
    plan = _cpu_ms(lambda: Planner(supergraph).plan(document))
    waves = len(root.nodes) if isinstance(root, InSequence) else 1
    return [name, f"{load:.0f}", f"{plan:.0f}", str(sum(1 for _ in fetches_of(root))), str(waves)]


def _cpu_ms(work: Callable[[], object]) -> float:
    """The best of some tries, in the process's own time."""
    best = float("inf")
    for _ in range(TRIES):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000
