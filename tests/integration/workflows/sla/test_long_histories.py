"""A clock that hears thousands of changes goes on in a new run and forgets nothing."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from kit.clock import SystemClock
from tests.integration.workflows.sla.conftest import AlertLog, Owner, Task
from tests.testkit.conditions import eventually
from workflows.sla.activities import SlaActivities
from workflows.sla.ids import CHANGED, workflow_id
from workflows.sla.types import SlaStart, SlaState, TaskChange
from workflows.sla.workflow import TaskSlaWorkflow

SIGNALS = 2_101
ENOUGH = 10_240  # events of a history from which the server warns


@pytest.mark.timeout(180)
async def test_signals_by_the_thousand_are_carried_from_run_to_run(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    owner, alerts, queue = Owner(), AlertLog(), f"sla-{secrets.token_hex(4)}"
    activities = SlaActivities(owner, alerts, SystemClock())
    task = Task(datetime.now(UTC) + timedelta(hours=8))
    owner.tasks[task.id] = task
    name = workflow_id(task.workspace_id, task.id)

    async def tell(version: int, is_open: bool = True) -> None:
        change = TaskChange(
            version=version, due_at=task.due_at, open=is_open, deleted=False, known_at=datetime.now(UTC)
        )
        await client.start_workflow(
            TaskSlaWorkflow.run,
            SlaStart(task_id=task.id, workspace_id=task.workspace_id),
            id=name,
            task_queue=queue,
            start_signal=CHANGED,
            start_signal_args=[change],
        )

    async with Worker(
        client,
        task_queue=queue,
        workflows=[TaskSlaWorkflow],
        activities=[activities.give_alert, activities.read_clock],
    ):
        await tell(1)
        first = (await client.get_workflow_handle(name).describe()).run_id
        await eventually(lambda: len(alerts.of(task)) == 1, within_seconds=20)
        for start in range(2, SIGNALS + 1, 50):
            await asyncio.gather(*(tell(version) for version in range(start, start + 50)))
        handle = client.get_workflow_handle_for(TaskSlaWorkflow.run, name)
        state: SlaState = await handle.query(TaskSlaWorkflow.state)
        description = await handle.describe()
        assert description.run_id != first
        assert description.history_length < ENOUGH
        assert state.latest is not None
        assert state.latest.version == SIGNALS
        assert len(state.fired) == 1
        assert len(alerts.of(task)) == 1
        task.version, task.open = SIGNALS + 2, False
        await tell(SIGNALS + 2, is_open=False)
        await handle.result()
