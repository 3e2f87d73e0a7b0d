"""Task events become clocks on a real Temporal server: one per task, whatever comes twice, late or in vain."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from kit.errors import DomainError, Kind
from kit.kafka import Envelope
from proto.events import ProjectRef, StatusCategory, TaskCreated, TaskEntity, TaskStatusUpdated, TaskUpdated
from scripts.engines.run import EngineSet
from workflows.feeder import SlaFeeder
from workflows.sla.ids import workflow_id

NOW = datetime.now(UTC)
ENTITY = TaskEntity(
    id=uuid4(),
    workspace_id=uuid4(),
    project_id=uuid4(),
    key="ENG-1",
    number=1,
    title="Ship it",
    status="Todo",
    status_category=StatusCategory.UNSTARTED,
    priority="NONE",
    reporter_id=uuid4(),
    lead_id=uuid4(),
    due_at=NOW + timedelta(days=9),
    version=1,
    created_at=NOW,
    updated_at=NOW,
    project=ProjectRef(id=uuid4(), key="ENG", name="Engine"),
)


def task(**other: Any) -> TaskEntity:
    return ENTITY.model_copy(update={"id": uuid4(), **other})


def event(payload: TaskCreated | TaskUpdated | TaskStatusUpdated) -> Envelope:
    return Envelope.of(payload, source="task", subject=payload.task.id, tenant=payload.task.workspace_id, time=NOW)


async def feed(client: Client, payload: TaskCreated | TaskUpdated | TaskStatusUpdated) -> None:
    await SlaFeeder(client).handlers()[payload.TOPIC](event(payload))


async def runs(client: Client, of: TaskEntity) -> int:
    """How many runs the clock of a task has had; reads the history, which is there at once."""
    try:
        description = await client.get_workflow_handle(workflow_id(of.workspace_id, of.id)).describe()
    except RPCError:
        return 0
    assert description.status is WorkflowExecutionStatus.RUNNING
    return 1


async def signals(client: Client, of: TaskEntity) -> int:
    history = await client.get_workflow_handle(workflow_id(of.workspace_id, of.id)).fetch_history()
    return sum(item.HasField("workflow_execution_signaled_event_attributes") for item in history.events)


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await Client.connect(temporal_address)


async def test_a_task_with_a_deadline_gets_one_clock_however_often_it_is_told(client: Client) -> None:
    one = task()
    for _ in range(3):
        await feed(client, TaskCreated(task=one, actor_id=uuid4()))
    assert await runs(client, one) == 1
    assert await signals(client, one) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"due_at": None},
        {"status_category": StatusCategory.COMPLETED},
        {"status_category": StatusCategory.CANCELLED},
        {"deleted_at": NOW},
    ],
)
async def test_a_task_that_needs_no_clock_gets_none(client: Client, other: dict[str, Any]) -> None:
    one = task(**other)
    await feed(client, TaskCreated(task=one, actor_id=uuid4()))
    await feed(client, TaskStatusUpdated(task=one, changed=("status",), actor_id=uuid4()))
    await feed(client, TaskUpdated(task=one, changed=("dueAt", "deletedAt"), actor_id=uuid4()))
    assert await runs(client, one) == 0


async def test_a_deadline_given_later_starts_the_clock_and_a_closed_task_is_told_to_it(client: Client) -> None:
    one = task(due_at=None)
    await feed(client, TaskCreated(task=one, actor_id=uuid4()))
    assert await runs(client, one) == 0
    dated = one.model_copy(update={"due_at": NOW + timedelta(days=2), "version": 2})
    await feed(client, TaskUpdated(task=dated, changed=("dueAt",), actor_id=uuid4()))
    assert await runs(client, one) == 1
    done = dated.model_copy(update={"status_category": StatusCategory.COMPLETED, "version": 3})
    await feed(client, TaskStatusUpdated(task=done, changed=("status", "statusCategory"), actor_id=uuid4()))
    assert await signals(client, one) == 2


async def test_edits_that_cannot_move_a_clock_are_not_told(client: Client) -> None:
    one = task()
    await feed(client, TaskCreated(task=one, actor_id=uuid4()))
    await feed(client, TaskUpdated(task=one, changed=("title", "assigneeIds"), actor_id=uuid4()))
    assert await signals(client, one) == 1


async def test_data_that_does_not_fit_is_refused_for_good(client: Client) -> None:
    broken = Envelope(
        id=uuid4(), type="task.created", source="task", time=NOW, subject="t", tenant=None, data=b'{"task": {}}'
    )
    with pytest.raises(DomainError) as refused:
        await SlaFeeder(client).handlers()["task.created"](broken)
    assert not refused.value.retryable


async def test_while_temporal_is_away_an_event_is_to_be_tried_again(private_engines: EngineSet) -> None:
    server = private_engines.server("temporal")
    await asyncio.to_thread(server.start)
    client = await Client.connect(private_engines.environment("temporal")["TASKFLOW_TEMPORAL_ADDRESS"])
    one = task()
    await feed(client, TaskCreated(task=one, actor_id=uuid4()))
    server.kill()
    moved = TaskUpdated(task=one.model_copy(update={"version": 2}), changed=("dueAt",), actor_id=uuid4())
    closing = TaskUpdated(
        task=one.model_copy(update={"due_at": None, "version": 3}), changed=("dueAt",), actor_id=uuid4()
    )
    for payload in (moved, closing):
        with pytest.raises(DomainError) as failed:
            await feed(client, payload)
        assert failed.value.kind is Kind.UNAVAILABLE
    await asyncio.to_thread(server.restart)
    await feed(client, moved)
    assert await signals(client, one) == 2
