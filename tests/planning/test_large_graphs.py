"""Graphs that make a planner search: few calls, few waves, and sound."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner.nodes import QueryPlan, Sequence, fetches_of
from gateway.planner.plan import Planner
from gateway.planner.soundness import check_soundness
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.synthetic_graphs import hard_query, hard_supergraph, large_query, large_supergraph


def waves(found: QueryPlan) -> int:
    return len(found.root.nodes) if isinstance(found.root, Sequence) else 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_hard_graph_needs_few_requests(seed: int) -> None:
    planner = Planner(parse_supergraph(hard_supergraph()))
    stages = planner.stages(parse(hard_query(seed)))
    assert len(list(fetches_of(stages.plan.root))) <= 20
    assert waves(stages.plan) <= 5
    assert check_soundness(planner.supergraph, stages.operation, stages.plan) == []


def test_a_large_graph_is_planned_soundly() -> None:
    planner = Planner(parse_supergraph(large_supergraph(types=300, subgraphs=30)))
    stages = planner.stages(parse(large_query()))
    assert check_soundness(planner.supergraph, stages.operation, stages.plan) == []
