"""The SLA workflow on a server that skips time, with an owner of tasks and a log of alerts that the test holds."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from kit.errors import DomainError, unavailable
from kit.kafka import Envelope
from proto.events import SystemAlert
from proto.task.v1.task_pb2 import GetTaskClockRequest, SlaTerms, TaskClock
from workflows.sla.activities import SlaActivities
from workflows.sla.ids import CHANGED, workflow_id
from workflows.sla.types import SlaStart, TaskChange
from workflows.sla.workflow import TaskSlaWorkflow

HISTORIES = Path(__file__).parent / "histories"
DAY = timedelta(days=1)


@dataclass
class Task:
    """A task as its owner knows it."""

    due_at: datetime | None
    version: int = 1
    open: bool = True
    deleted: bool = False
    id: str = field(default_factory=lambda: str(uuid4()))
    workspace_id: str = field(default_factory=lambda: str(uuid4()))
    lead_id: str = field(default_factory=lambda: str(uuid4()))
    assignee_ids: tuple[str, ...] = field(default_factory=lambda: (str(uuid4()),))
    sla: SlaTerms | None = None

    def clock(self) -> TaskClock:
        told = TaskClock(
            version=self.version,
            open=self.open,
            deleted=self.deleted,
            key="ENG-1",
            title="Ship it",
            project_id=str(uuid4()),
            workspace_id=self.workspace_id,
            lead_id=self.lead_id,
            assignee_ids=self.assignee_ids,
        )
        if self.sla is not None:
            told.sla.CopyFrom(self.sla)
        if self.due_at is not None:
            stamp = Timestamp()
            stamp.FromDatetime(self.due_at)
            told.due_at.CopyFrom(stamp)
        return told


@dataclass
class Owner:
    """Answers for the task service."""

    tasks: dict[str, Task] = field(default_factory=dict)
    failures: int = 0
    asked: int = 0

    async def GetTaskClock(self, request: GetTaskClockRequest, /) -> TaskClock:
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise unavailable("later")
        if request.task_id not in self.tasks:
            raise DomainError.of("NOT_FOUND", "no such task")
        return self.tasks[request.task_id].clock()


@dataclass
class AlertLog:
    """Keeps what was published; fails first as often as told, after the event was kept."""

    events: list[Envelope] = field(default_factory=list)
    failures: int = 0

    async def publish(self, events: Iterable[Envelope]) -> None:
        self.events += events
        if self.failures:
            self.failures -= 1
            raise unavailable("Kafka is away")

    def of(self, task: Task) -> list[SystemAlert]:
        found = {event.id: event for event in self.events if event.subject == task.id}
        return [event.payload(SystemAlert) for event in found.values()]


class MachineClock:
    """The time of the process, moved by what the server skipped."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Bench:
    """Everything a test of the workflow needs."""

    client: Client
    owner: Owner
    alerts: AlertLog
    clock: MachineClock
    queue: str
    environment: WorkflowEnvironment

    async def now(self) -> datetime:
        return await self.environment.get_current_time()

    async def task(self, due_in: timedelta | None) -> Task:
        await self._set_clock()
        task = Task(None if due_in is None else await self.now() + due_in)
        self.owner.tasks[task.id] = task
        return task

    async def told(self, task: Task, **other: Any) -> WorkflowHandle[Any, None]:
        """Starts or signals the clock of a task with what the owner knows, as the feeder does."""
        return await self.tell(task, await self.change(task, **other))

    async def change(self, task: Task, **other: Any) -> TaskChange:
        known_at = other.pop("known_at", None) or await self.now()
        policy = 0 if task.sla is None else task.sla.policy
        known = {
            "policy": policy,
            "version": task.version,
            "due_at": task.due_at,
            "open": task.open,
            "deleted": task.deleted,
        }
        return TaskChange(**(known | other), known_at=known_at)

    async def tell(self, task: Task, change: TaskChange) -> WorkflowHandle[Any, None]:
        return await self.client.start_workflow(
            TaskSlaWorkflow.run,
            SlaStart(task_id=task.id, workspace_id=task.workspace_id),
            id=workflow_id(task.workspace_id, task.id),
            task_queue=self.queue,
            start_signal=CHANGED,
            start_signal_args=[change],
        )

    async def skip(self, time: timedelta) -> None:
        await self.environment.sleep(time)
        await self._set_clock()

    async def _set_clock(self) -> None:
        self.clock.ahead = await self.now() - datetime.now(UTC)

    async def kept(self, name: str, handle: WorkflowHandle[Any, None]) -> None:
        """Writes the history into the repository when TASKFLOW_RECORD_HISTORIES says so."""
        if "TASKFLOW_RECORD_HISTORIES" in os.environ:
            HISTORIES.mkdir(exist_ok=True)
            history = (await handle.fetch_history()).to_json()
            (HISTORIES / f"{name}.json").write_text(re.sub(r'("identity": )"[^"]*"', r'\1"worker"', history) + "\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _environment(temporal_time_skipping: str) -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=temporal_time_skipping
    ) as environment:
        yield environment


@pytest_asyncio.fixture(loop_scope="module")
async def bench(_environment: WorkflowEnvironment) -> AsyncIterator[Bench]:
    owner, alerts, clock, queue = Owner(), AlertLog(), MachineClock(), f"sla-{secrets.token_hex(4)}"
    activities = SlaActivities(owner, alerts, clock)
    async with Worker(
        _environment.client,
        task_queue=queue,
        workflows=[TaskSlaWorkflow],
        activities=[activities.give_alert, activities.read_clock, activities.read_terms],
    ):
        yield Bench(_environment.client, owner, alerts, clock, queue, _environment)
