"""No plan needs more requests or waves than those of other planners; what is recorded of them is `plans.jsonl.gz`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from graphql import parse, validate

from gateway.planner.errors import NoPath
from tests.planning.counting import Cost, cost
from tests.planning.operations import Planned
from tests.planning.recorded import PEERS, planner, recorded

pytestmark = pytest.mark.timeout(300)  # the first test plans everything


@cache
def compared() -> tuple[tuple[Planned, str, Cost, Cost], ...]:
    """(operation, peer, our cost, the peer's) wherever both have a plan of the same thing."""
    return tuple(_compared())


def _compared() -> Iterator[tuple[Planned, str, Cost, Cost]]:
    for each in recorded():
        on, document = planner(each.planned.graph), parse(each.planned.query)
        if each.planned.group == "golden" and validate(on.supergraph.api_schema, document):
            continue  # the golden file has been changed since
        try:
            plan = on.plan(document, None, each.planned.labels)
        except NoPath:
            continue
        for peer, theirs in each.costs.items():
            if not _differs_in_meaning(each.planned, peer):
                yield each.planned, peer, cost(plan.root), theirs


def _differs_in_meaning(each: Planned, peer: str) -> bool:
    """What Hive's planner does otherwise: of a mutation it runs all root fields before it completes the first, and it
    leaves arguments from contexts out.
    """
    return peer == "hive" and (each.query.lstrip().startswith("mutation") or each.graph == "golden/contexts")


@pytest.mark.parametrize("peer", PEERS)
def test_no_operation_of_the_audit_or_the_golden_set_needs_more(peer: str) -> None:
    worse = [
        (each.query, ours, theirs)
        for each, name, ours, theirs in compared()
        if name == peer and each.group in ("audit", "golden") and (ours[0] > theirs[0] or ours[1] > theirs[1])
    ]
    assert worse == []


@pytest.mark.parametrize("peer", PEERS)
def test_few_random_operations_have_a_better_plan(peer: str) -> None:
    """Known reasons: the objects of an abstract type are not put together from several subgraphs, and a requirement
    that the same subgraph provides is still sent in a representation.
    """
    pairs = [(ours, theirs) for each, name, ours, theirs in compared() if name == peer and "random" in each.group]
    better = [
        (ours, theirs) for ours, theirs in pairs if ours != theirs and ours[0] >= theirs[0] and ours[1] >= theirs[1]
    ]
    assert len(better) <= len(pairs) // 50


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("group", ["audit", "audit-random", "golden", "random"])
def test_all_operations_together_need_no_more(group: str, peer: str) -> None:
    pairs = [(ours, theirs) for each, name, ours, theirs in compared() if name == peer and each.group == group]
    assert len(pairs) > 30
    for measure in (0, 1):
        assert sum(ours[measure] for ours, _ in pairs) <= sum(theirs[measure] for _, theirs in pairs)
