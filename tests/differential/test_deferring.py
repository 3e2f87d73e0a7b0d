"""Random graphs and operations with `@defer`: the parts, merged in order, are the answer that one schema gives."""

from __future__ import annotations

import pytest

from tests.differential.deferring import DeferringCase, graph_without_absences

BATCH = 10
SHORT, LONG = 60, 2000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each batch of seeds."""
    config = metafunc.config
    seeds = config.getoption("--seeds") or (LONG if config.getoption("--long") else SHORT)
    metafunc.parametrize("first_seed", range(0, seeds, BATCH))


@pytest.mark.timeout(300)
async def test_the_parts_are_the_whole(first_seed: int) -> None:
    for seed in range(first_seed, first_seed + BATCH):
        graph = graph_without_absences(seed)
        for number, operation in enumerate(graph.operations()):
            case = DeferringCase(graph, operation, seed * 100 + number)
            if case.is_valid and (problem := await case.problem()) is not None:
                pytest.fail(problem)
