"""Plans of every federation feature, compared as text and checked for soundness."""

from __future__ import annotations

import pytest

from tests.unit.gateway.planner.golden_files import GoldenFile, Query, golden_files

CASES = [
    pytest.param(golden, query, id=f"{golden.path.stem}-{at}")
    for golden in golden_files()
    for at, query in enumerate(golden.queries())
]


@pytest.mark.parametrize(("golden", "query"), CASES)
def test_the_plan_is_the_golden_one(golden: GoldenFile, query: Query) -> None:
    assert golden.plan(query) == query.expected


@pytest.mark.parametrize(("golden", "query"), CASES)
def test_the_plan_is_sound(golden: GoldenFile, query: Query) -> None:
    assert golden.findings(query) == []


@pytest.mark.parametrize(("golden", "query"), CASES)
def test_planning_again_gives_the_same_plan(golden: GoldenFile, query: Query) -> None:
    assert golden.stages(query).plan == GoldenFile.read(golden.path).stages(query).plan
