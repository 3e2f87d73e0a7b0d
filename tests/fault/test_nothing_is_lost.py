"""Kills under load. Short form: a few victims; long form (`./scripts/test fault`): every process and every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scripts.engines.progress import say
from scripts.stack.stack import Options, Stack
from tests.fault.run import ENGINES, ROLES, Plan, run

LONG = Plan(
    tasks=300,
    clients=4,
    every_seconds=1.5,
    due_in=timedelta(seconds=45),
    victims=[*(f"{role}-{number}" for role in ROLES for number in (1, 2)), *ENGINES],
)
SHORT = Plan(
    tasks=60,
    clients=3,
    every_seconds=1.0,
    due_in=timedelta(seconds=25),
    victims=["task-1", "worker-1", "notification-1", "router-1", "kafka"],
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    opened = Stack(tmp_path / "stack", Options(replicas=2, keep=False))
    try:
        opened.start()
        opened.wait_until_ready()
        yield opened
    finally:
        opened.close()


@pytest.mark.timeout(900)
async def test_nothing_is_lost_or_doubled_when_parts_are_killed(
    stack: Stack, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    plan = LONG if request.config.getoption("--long") else SHORT
    result = await run(stack, plan, tmp_path, say)
    say(result.summary())
    assert result.violations == []
