"""Kills under load. Short form: a few victims; long form (`./scripts/test fault`): every process and every engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from scripts.engines.progress import say
from scripts.stack.processes import ROLES
from scripts.stack.stack import Options, Stack
from tests.fault.run import ENGINES, Plan, run

# Offsets are committed a second late, so that each kill has events to bring back: chance decides nothing.
KILLS_FIND_UNCOMMITTED = "consumer.before_commit=sleep:1"

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


@contextmanager
def running(folder: Path, options: Options) -> Iterator[Stack]:
    opened = Stack(folder, options)
    try:
        opened.start()
        opened.wait_until_ready()
        yield opened
    finally:
        opened.close()


@pytest.mark.timeout(900)
async def test_nothing_is_lost_or_doubled_when_parts_are_killed(tmp_path: Path, long_form: bool) -> None:
    with running(tmp_path / "stack", Options(replicas=2, keep=False)) as stack:
        result = await run(stack, LONG if long_form else SHORT, tmp_path, say)
    say(result.summary())
    assert result.violations == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("role", "mutant", "victims", "said"),
    [
        ("task", "task_without_outbox", ["task-1", "task-2"] * 3, "task.created events instead of 1"),
        ("notification", "notification_without_inbox", ["notification-1", "notification-2"] * 3, "inbox records"),
    ],
)
async def test_a_product_without_this_safety_is_found_out(
    tmp_path: Path, role: str, mutant: str, victims: list[str], said: str
) -> None:
    roles = {**ROLES, role: dataclasses.replace(ROLES[role], module=f"tests.fault.mutants.{mutant}")}
    plan = dataclasses.replace(SHORT, tasks=36, due_in=timedelta(seconds=12), victims=victims, heal_seconds=5.0)
    options = Options(replicas=2, keep=False, roles=roles, settings={"TASKFLOW_FAILPOINTS": KILLS_FIND_UNCOMMITTED})
    with running(tmp_path / "stack", options) as stack:
        result = await run(stack, plan, tmp_path, say)
    assert any(said in violation for violation in result.violations), result.summary()
