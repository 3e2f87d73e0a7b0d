"""The federation audit's cases, answered by subgraphs in process, through both executors."""

from __future__ import annotations

from contextlib import suppress

import pytest
from graphql import parse, validate

from gateway.planner.errors import NoPath
from gateway.planner.soundness import check_soundness
from tests.audit.running import run_case
from tests.audit.suites import cases, composed_planner, planner, suite, suite_names

CASES = [pytest.param(name, number, id=f"{name}-{number}") for name, number in cases()]


def test_all_suites_are_here() -> None:
    assert len(suite_names()) == 46
    assert len(CASES) == 199


@pytest.mark.parametrize(("name", "number"), CASES)
async def test_the_reference_executor_answers_as_expected(name: str, number: int) -> None:
    case = suite(name).cases[number]
    assert await run_case(planner(name), case, suite(name).subgraphs) is None


@pytest.mark.parametrize(("name", "number"), CASES)
async def test_the_compiled_executor_answers_as_expected(name: str, number: int) -> None:
    case = suite(name).cases[number]
    assert await run_case(planner(name), case, suite(name).subgraphs, compiled=True) is None


@pytest.mark.parametrize(("name", "number"), CASES)
async def test_a_supergraph_of_our_own_composition_answers_as_expected(name: str, number: int) -> None:
    case = suite(name).cases[number]
    assert await run_case(composed_planner(name), case, suite(name).subgraphs, compiled=True) is None


def test_plans_are_sound() -> None:
    findings = []
    for name, number in cases():
        on = planner(name)
        document = parse(suite(name).cases[number]["query"])
        if validate(on.supergraph.api_schema, document):
            continue
        with suppress(NoPath):
            stages = on.stages(document)
            findings += check_soundness(on.supergraph, stages.operation, stages.plan)
    assert findings == []
