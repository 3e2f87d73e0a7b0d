"""No plan needs more requests or more waves than those of other planners; what is recorded of them is `peers.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import pytest
from graphql import parse

from gateway.planner.errors import NoPath
from tests.planning.counting import Cost, cost
from tests.planning.operations import Planned, operations, planner
from tests.planning.refresh import PEERS, RECORDED

pytestmark = pytest.mark.timeout(300)  # the first test plans everything


@cache
def compared() -> tuple[tuple[Planned, str, Cost, Cost], ...]:
    """(operation, peer, our cost, the peer's) wherever both have a plan of the same thing."""
    return tuple(_compared())


def _compared() -> Iterator[tuple[Planned, str, Cost, Cost]]:
    recorded = json.loads(RECORDED.read_text())
    for each in operations():
        try:
            plan = planner(each.graph).plan(parse(each.query), None, each.labels)
        except NoPath:
            continue
        for peer in PEERS:
            theirs = recorded[each.id][peer]
            if isinstance(theirs, list) and not _differs_in_meaning(each, peer):
                yield each, peer, cost(plan.root), (theirs[0], theirs[1])


def _differs_in_meaning(each: Planned, peer: str) -> bool:
    """What Hive's planner does otherwise: of a mutation it runs all root fields before it completes the first, and it
    leaves arguments from contexts out.
    """
    return peer == "hive" and (each.query.lstrip().startswith("mutation") or each.graph == "golden/contexts")


@pytest.mark.parametrize("peer", PEERS)
def test_no_operation_of_the_audit_or_the_golden_set_needs_more(peer: str) -> None:
    worse = [
        (each.id, ours, theirs)
        for each, name, ours, theirs in compared()
        if name == peer and each.group in ("audit", "golden") and (ours[0] > theirs[0] or ours[1] > theirs[1])
    ]
    assert worse == []


@pytest.mark.parametrize("peer", PEERS)
def test_no_random_operation_has_a_better_plan(peer: str) -> None:
    """A plan with fewer waves may take a request more, and the other way round; none may be better in both."""
    worse = {
        each.id
        for each, name, ours, theirs in compared()
        if name == peer and ours != theirs and ours[0] >= theirs[0] and ours[1] >= theirs[1]
    }
    assert worse == set()


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("group", ["audit", "audit-random", "golden", "random"])
def test_all_operations_together_need_no_more(group: str, peer: str) -> None:
    pairs = [(ours, theirs) for each, name, ours, theirs in compared() if name == peer and each.group == group]
    assert len(pairs) > 30
    for measure in (0, 1):
        assert sum(ours[measure] for ours, _ in pairs) <= sum(theirs[measure] for _, theirs in pairs)
