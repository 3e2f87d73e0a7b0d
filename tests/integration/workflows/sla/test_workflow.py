"""The clock of a task over days that take milliseconds: what is told, to whom, when, and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from tests.integration.workflows.sla.conftest import DAY, Bench, Task
from tests.testkit.conditions import eventually
from workflows.sla.types import TaskChange

# One server for all tests of this module: it takes longer to start than what they do.
pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = timedelta(hours=1)


def kinds(bench: Bench, task: Task) -> list[str]:
    return [alert.kind for alert in bench.alerts.of(task)]


async def is_running(handle: WorkflowHandle[Any, None]) -> bool:
    return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def closed(bench: Bench, task: Task) -> None:
    """Closes the task and waits for the end of its clock."""
    task.version, task.open = task.version + 1, False
    await (await bench.told(task)).result()


async def test_a_reminder_a_day_before_and_an_escalation_at_the_deadline(bench: Bench) -> None:
    task = await bench.task(3 * DAY)
    handle = await bench.told(task)
    await bench.skip(2 * DAY - HOUR)
    assert kinds(bench, task) == []
    await bench.skip(HOUR + timedelta(minutes=1))
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    await bench.skip(DAY)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder", "sla.escalation"])
    reminder, escalation = bench.alerts.of(task)
    assert reminder.recipient_ids == tuple(UUID(assignee) for assignee in task.assignee_ids)
    assert escalation.recipient_ids == (UUID(task.lead_id),)
    assert (reminder.due_at, reminder.task_key, reminder.task_version) == (task.due_at, "ENG-1", 1)
    await bench.skip(30 * DAY)
    assert await is_running(handle), "an escalated task is watched until it is closed"
    await closed(bench, task)
    assert len(kinds(bench, task)) == 2
    await bench.kept("reminder_and_escalation", handle)


async def test_with_less_than_a_day_left_the_reminder_comes_at_once(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    await bench.told(task)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    assert not bench.alerts.of(task)[0].late
    await closed(bench, task)


async def test_a_task_completed_in_time_is_not_escalated(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    handle = await bench.told(task)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    await closed(bench, task)
    await bench.skip(2 * DAY)
    assert kinds(bench, task) == ["sla.reminder"]
    await bench.kept("completed_in_time", handle)


async def test_a_deleted_task_and_one_without_deadline_end_the_clock(bench: Bench) -> None:
    for other in ({"deleted": True}, {"due_at": None}):
        task = await bench.task(3 * DAY)
        await bench.told(task)
        task.version = 2
        await (await bench.told(task, **other)).result()
        assert kinds(bench, task) == []


async def test_a_moved_deadline_moves_the_timers(bench: Bench) -> None:
    task = await bench.task(3 * DAY)
    handle = await bench.told(task)
    task.version, task.due_at = 2, (task.due_at or await bench.now()) + 5 * DAY
    await bench.told(task)
    await bench.skip(4 * DAY)
    assert kinds(bench, task) == []
    await bench.skip(3 * DAY + HOUR)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    task.version, task.due_at = 3, await bench.now() + 2 * DAY
    await bench.told(task)
    await bench.skip(3 * DAY)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder", "sla.reminder", "sla.escalation"])
    await closed(bench, task)
    await bench.kept("moved_deadline", handle)


async def test_old_and_repeated_signals_change_nothing(bench: Bench) -> None:
    task = await bench.task(3 * DAY)
    old = await bench.change(task)
    task.version, task.due_at = 5, await bench.now() + 10 * DAY
    new = await bench.change(task)
    handle = await bench.tell(task, new)
    for one in (old, new, old, new):
        await bench.tell(task, one)
    await bench.skip(4 * DAY)
    assert kinds(bench, task) == []
    await bench.skip(5 * DAY + HOUR)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    await closed(bench, task)
    await bench.kept("out_of_order", handle)


async def test_an_event_that_comes_again_after_the_end_has_no_effect(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    first = await bench.change(task)
    await bench.told(task)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    await closed(bench, task)
    again = await bench.tell(task, first)
    await again.result()
    assert kinds(bench, task) == ["sla.reminder"]
    await bench.kept("stale_start", again)


async def test_old_news_is_doubted_at_once(bench: Bench) -> None:
    task = await bench.task(30 * DAY)
    first = await bench.change(task)
    task.version, task.open = 2, False
    await bench.skip(timedelta(minutes=5))
    await asyncio.wait_for((await bench.tell(task, first)).result(), 10)
    assert bench.owner.asked == 1


async def test_a_reopened_task_has_a_clock_again(bench: Bench) -> None:
    task = await bench.task(3 * DAY)
    await bench.told(task)
    await closed(bench, task)
    task.version, task.open = 3, True
    await bench.told(task)
    await bench.skip(4 * DAY)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder", "sla.escalation"])
    await closed(bench, task)


async def test_a_repeated_attempt_repeats_the_events_id(bench: Bench) -> None:
    bench.alerts.failures = 2
    task = await bench.task(8 * HOUR)
    handle = await bench.told(task)
    await eventually(lambda: len(bench.alerts.events) == 3, within_seconds=20)
    assert len({event.id for event in bench.alerts.events}) == 1
    await closed(bench, task)
    await bench.kept("repeated_attempt", handle)


async def test_an_owner_that_is_away_or_behind_is_waited_for(bench: Bench) -> None:
    bench.owner.failures = 2
    task = await bench.task(8 * HOUR)
    await bench.told(task, version=4)
    await eventually(lambda: bench.owner.asked >= 4, within_seconds=20)
    assert kinds(bench, task) == []
    task.version = 4
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"], within_seconds=20)
    await closed(bench, task)


async def test_a_task_that_never_was_ends_the_clock(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    del bench.owner.tasks[task.id]
    await (await bench.told(task)).result()
    assert bench.alerts.events == []


async def test_nobody_assigned_means_the_lead_is_reminded(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    task.assignee_ids = ()
    await bench.told(task)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    assert bench.alerts.of(task)[0].recipient_ids == (UUID(task.lead_id),)
    await closed(bench, task)


async def test_what_fires_late_says_so(bench: Bench) -> None:
    task = await bench.task(8 * HOUR)
    known: TaskChange = await bench.change(task)
    task.due_at = known.due_at
    bench.clock.ahead += timedelta(minutes=10)
    await bench.tell(task, known)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    assert bench.alerts.of(task)[0].late
    await closed(bench, task)


async def test_a_deadline_that_passed_unseen_gives_both_alerts(bench: Bench) -> None:
    task = await bench.task(-HOUR)
    await bench.told(task)
    await eventually(lambda: kinds(bench, task) == ["sla.reminder", "sla.escalation"])
    await closed(bench, task)


async def test_the_trace_of_the_event_goes_on_in_the_alert(bench: Bench) -> None:
    trace = "ab" * 16
    task = await bench.task(8 * HOUR)
    await bench.told(task, traceparent=f"00-{trace}-{'cd' * 8}-01")
    await eventually(lambda: kinds(bench, task) == ["sla.reminder"])
    (event,) = bench.alerts.events
    assert event.traceparent is not None
    assert event.traceparent.split("-")[1] == trace
    await closed(bench, task)
