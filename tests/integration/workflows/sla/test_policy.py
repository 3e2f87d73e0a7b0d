"""The clock of a task under a policy of its project, over days that take milliseconds."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.client import WorkflowHandle

from proto.task.v1.task_pb2 import SlaStep, SlaTerms
from tests.integration.workflows.sla.conftest import DAY, Bench, Task
from tests.testkit.conditions import eventually
from workflows.sla.ids import ACKNOWLEDGED

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = timedelta(hours=1)
BOSS, ADMIN = str(uuid4()), str(uuid4())


def terms(task: Task, *, policy: int = 1, breach_in: timedelta = timedelta(), **more: object) -> SlaTerms:
    """Reminders 7 days and an hour before; the boss at the breach, an admin every two hours after one."""
    message = SlaTerms(policy=policy, reminder_seconds=[7 * 86_400, 3600])
    message.ladder.append(SlaStep(recipient_ids=[BOSS]))
    message.ladder.append(SlaStep(after_seconds=3600, repeat_seconds=7200, recipient_ids=[ADMIN]))
    message.MergeFrom(SlaTerms(**more))  # type: ignore[arg-type]
    if not message.paused and task.due_at is not None:
        stamp = Timestamp()
        stamp.FromDatetime(task.due_at + breach_in)
        message.breach_at.CopyFrom(stamp)
    return message


def told(bench: Bench, task: Task) -> list[tuple[str, str]]:
    names = {task.assignee_ids[0]: "assignee", BOSS: "boss", ADMIN: "admin", task.lead_id: "lead"}
    return [(alert.kind.removeprefix("sla."), names[str(alert.recipient_ids[0])]) for alert in bench.alerts.of(task)]


async def closed(bench: Bench, task: Task) -> None:
    task.version, task.open = task.version + 1, False
    await (await bench.told(task)).result()


async def under_policy(bench: Bench, due_in: timedelta = 10 * DAY) -> tuple[Task, WorkflowHandle[object, None]]:
    task = await bench.task(due_in)
    task.sla = terms(task)
    return task, await bench.told(task)


async def test_reminders_and_the_ladder_until_somebody_acknowledges(bench: Bench) -> None:
    task, handle = await under_policy(bench)
    await bench.skip(4 * DAY)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")])
    await bench.skip(6 * DAY + HOUR / 2)
    await eventually(lambda: len(told(bench, task)) == 3)
    await bench.skip(3 * HOUR)
    await eventually(lambda: told(bench, task)[2:] == [("escalation", "boss"), *[("escalation", "admin")] * 2])
    task.sla = terms(task, acknowledged=True)
    await handle.signal(ACKNOWLEDGED)
    await bench.skip(5 * DAY)
    assert len(told(bench, task)) == 5
    await closed(bench, task)
    await bench.kept("ladder_until_acknowledged", handle)


async def test_a_pause_holds_the_clock_and_going_on_moves_the_breach(bench: Bench) -> None:
    task, handle = await under_policy(bench, 2 * HOUR)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")])
    task.version, task.sla = 2, terms(task, paused=True)
    await bench.told(task)
    await bench.skip(3 * DAY)
    assert len(told(bench, task)) == 1
    task.version, task.sla = 3, terms(task, breach_in=3 * DAY)
    await bench.told(task)
    await bench.skip(HOUR + timedelta(minutes=5))
    await eventually(lambda: len(told(bench, task)) == 2)
    await bench.skip(HOUR)
    await eventually(lambda: told(bench, task)[2:] == [("escalation", "boss")])
    await closed(bench, task)
    await bench.kept("paused_clock", handle)


async def test_a_policy_that_comes_later_holds_for_the_running_clock(bench: Bench) -> None:
    task = await bench.task(10 * DAY)
    handle = await bench.told(task)
    await bench.skip(4 * DAY)
    assert told(bench, task) == []
    task.sla = terms(task)
    await bench.told(task)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")])
    task.sla = terms(task, policy=2)
    del task.sla.ladder[:]
    await bench.told(task)
    await bench.skip(10 * DAY)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")] * 2)
    await closed(bench, task)
    await bench.kept("later_policy", handle)


async def test_a_policy_that_nobody_told_of_is_noticed_before_an_alert(bench: Bench) -> None:
    task = await bench.task(2 * DAY)
    await bench.told(task)
    task.sla = terms(task)
    await bench.skip(DAY + HOUR)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")])
    await bench.skip(DAY)
    await eventually(lambda: ("escalation", "boss") in told(bench, task))
    assert ("escalation", "lead") not in told(bench, task)
    await closed(bench, task)


async def test_an_owner_that_does_not_know_the_policy_yet_is_waited_for(bench: Bench) -> None:
    task = await bench.task(HOUR / 2)
    await bench.told(task, policy=1)
    await eventually(lambda: bench.owner.asked >= 2, within_seconds=20)
    assert told(bench, task) == []
    task.sla = terms(task)
    await eventually(lambda: told(bench, task) == [("reminder", "assignee")], within_seconds=20)
    await asyncio.wait_for(closed(bench, task), 20)


async def test_what_was_missed_is_told_once_and_called_late(bench: Bench) -> None:
    task = await bench.task(HOUR / 2)
    task.sla = terms(task)
    bench.clock.ahead += timedelta(minutes=10)
    await bench.told(task)
    await eventually(lambda: len(told(bench, task)) == 1)
    [alert] = bench.alerts.of(task)
    assert (alert.late, alert.recipient_ids) == (True, (UUID(task.assignee_ids[0]),))
    await closed(bench, task)
