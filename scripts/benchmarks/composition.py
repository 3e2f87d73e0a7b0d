"""The composer: CPU from the subgraphs' texts of each audit suite to its supergraph, nothing kept from before."""

from __future__ import annotations

import time

from gateway.composition import SubgraphInput, compose
from scripts.benchmarks.percentiles import percentile
from scripts.benchmarks.tables import table
from tests.audit.suites import suite, suite_names

TRIES = 5


def tables() -> str:
    """One row a suite, then what is usual."""
    found = {name: (len(suite(name).sources), _cpu_ms(name)) for name in suite_names()}
    rows = [[name, str(count), f"{spent:.1f}"] for name, (count, spent) in found.items()]
    spent = [spent for _, spent in found.values()]
    quantiles = [f"{percentile(spent, at):.1f}" for at in (0.5, 0.95, 1)]
    each = table(["composition", "subgraphs", "CPU ms"], rows)
    return f"{each}\n\n{table(['suites', 'p50 ms', 'p95 ms', 'max ms'], [[str(len(spent)), *quantiles]])}"


def _cpu_ms(name: str) -> float:
    """The best of a few."""
    inputs = [SubgraphInput(source["name"], source["sdl"], source["url"]) for source in suite(name).sources]
    return min(_once(inputs) for _ in range(TRIES))


def _once(inputs: list[SubgraphInput]) -> float:
    began = time.process_time()
    compose(inputs)
    return (time.process_time() - began) * 1000
