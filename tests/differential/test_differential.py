"""Random graphs and operations: the gateway answers as one schema over the same data does.

`./scripts/test differential --seeds 5000` is the long run; a failing seed prints its smallest operation, both answers,
the plan, the subgraphs and what they were asked. `answers.py` says what is compared.
"""

from __future__ import annotations

import pytest

from tests.differential.graph import Graph
from tests.differential.mutants import MUTANTS
from tests.differential.reproduction import reproduction

BATCH = 10
SHORT, LONG = 200, 5000
SEEDS_FOR_A_MUTANT = 60


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each batch of seeds."""
    config = metafunc.config
    seeds = config.getoption("--seeds") or (LONG if config.getoption("--long") else SHORT)
    if "first_seed" in metafunc.fixturenames:
        metafunc.parametrize("first_seed", range(0, seeds, BATCH))


@pytest.mark.timeout(300)
async def test_the_gateway_answers_like_one_schema(first_seed: int) -> None:
    for seed in range(first_seed, first_seed + BATCH):
        graph = Graph.of(seed)
        for operation in graph.operations():
            if await graph.problem(operation) is not None:
                pytest.fail(await reproduction(graph, operation))


@pytest.mark.parametrize("rule", MUTANTS)
@pytest.mark.timeout(300)
async def test_an_engine_without_one_rule_is_caught(rule: str) -> None:
    mutant = MUTANTS[rule]
    for seed in range(SEEDS_FOR_A_MUTANT):
        graph = Graph.of(seed)
        mutant.mutate(graph)
        for operation in graph.operations():
            if mutant.symptom in (await graph.problem(operation) or ""):
                return
    pytest.fail(f"{SEEDS_FOR_A_MUTANT} seeds do not notice that the {rule} is missing")
