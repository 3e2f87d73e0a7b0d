"""The worker process as it is deployed: fed from Kafka, asks the task service over gRPC, alerts into Kafka."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiokafka import AIOKafkaConsumer
from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import DomainError
from kit.identity import InternalVerifier, new_seed, public_of
from kit.kafka import Envelope, publisher
from kit.rpc import current_caller, server
from proto.events import ProjectRef, StatusCategory, SystemAlert, TaskCreated, TaskEntity, TaskStatusUpdated
from proto.task.v1.task_pb2 import (
    CreateTaskRequest,
    CreateTaskResponse,
    GetTaskClockRequest,
    ListTaskClocksRequest,
    ListTaskClocksResponse,
    RecurrencePlan,
    SettleRecurrenceRequest,
    TaskClock,
)
from proto.task.v1.task_pb2_grpc import TaskServiceServicer, add_TaskServiceServicer_to_server

ROOT = Path(__file__).parents[3]
SEED = new_seed()


class Owner(TaskServiceServicer):
    """Answers for the tasks of the test."""

    def __init__(self) -> None:
        self.tasks: dict[str, TaskEntity] = {}
        self.callers: set[str] = set()

    async def GetTaskClock(self, request: GetTaskClockRequest, context: Any) -> TaskClock:
        self.callers.add(current_caller().service)
        if request.task_id not in self.tasks:  # of another test: the topics are shared
            raise DomainError.of("NOT_FOUND", "There is no such task.")
        task = self.tasks[request.task_id]
        due_at = Timestamp()
        due_at.FromDatetime(task.due_at or datetime.now(UTC))
        return TaskClock(
            version=task.version,
            due_at=due_at,
            open=task.status_category.is_open,
            key=task.key,
            title=task.title,
            project_id=str(task.project_id),
            workspace_id=str(task.workspace_id),
            lead_id=str(task.lead_id),
            assignee_ids=[str(assignee) for assignee in task.assignee_ids],
        )

    async def CreateTask(self, request: CreateTaskRequest, context: Any) -> CreateTaskResponse:
        raise DomainError.of("FORBIDDEN", "not here")

    async def ListTaskClocks(self, request: ListTaskClocksRequest, context: Any) -> ListTaskClocksResponse:
        return ListTaskClocksResponse()

    async def SettleRecurrence(self, request: SettleRecurrenceRequest, context: Any) -> RecurrencePlan:
        raise DomainError.of("NOT_FOUND", "There is no such recurrence.")  # of another test: the topics are shared

    def add(self, due_in: timedelta) -> TaskEntity:
        now = datetime.now(UTC)
        project = uuid4()
        task = TaskEntity(
            id=uuid4(),
            workspace_id=uuid4(),
            project_id=project,
            key="ENG-1",
            number=1,
            title="Ship it",
            status="Todo",
            status_category=StatusCategory.UNSTARTED,
            priority="NONE",
            assignee_ids=(uuid4(),),
            reporter_id=uuid4(),
            lead_id=uuid4(),
            due_at=now + due_in,
            version=1,
            created_at=now,
            updated_at=now,
            project=ProjectRef(id=project, key="ENG", name="Engine"),
        )
        self.tasks[str(task.id)] = task
        return task


def event(payload: TaskCreated | TaskStatusUpdated, trace: str) -> Envelope:
    task = payload.task
    return Envelope(
        id=uuid4(),
        type=payload.TOPIC,
        source="task",
        time=datetime.now(UTC),
        subject=str(task.id),
        tenant=task.workspace_id,
        data=payload.encode(),
        traceparent=f"00-{trace}-{'cd' * 8}-01",
    )


@asynccontextmanager
async def worker_process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workflows", cwd=ROOT, env=os.environ | environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ready(port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


@asynccontextmanager
async def alert_reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    reader = AIOKafkaConsumer(
        SystemAlert.TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest", metadata_max_age_ms=300
    )
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def alerts_of(reader: AIOKafkaConsumer, task: UUID, count: int) -> list[Envelope]:
    found: dict[UUID, Envelope] = {}
    async with asyncio.timeout(30):
        while len(found) < count:
            for records in (await reader.getmany(timeout_ms=100)).values():
                for record in records:
                    if record.key == str(task).encode():
                        alert = Envelope.read(record.headers, record.value)
                        found[alert.id] = alert
    return list(found.values())


async def test_events_become_alerts_and_sigterm_ends_it_in_peace(
    kafka_bootstrap: str, temporal_address: str, unused_tcp_port: int
) -> None:
    owner, trace = Owner(), "ab" * 16
    verifier = InternalVerifier([public_of(SEED)], "task")
    register = partial(add_TaskServiceServicer_to_server, owner)
    topics = [TaskCreated.TOPIC, TaskStatusUpdated.TOPIC, SystemAlert.TOPIC]
    async with (
        server([register], verifier, "127.0.0.1", 0) as grpc_port,
        publisher([kafka_bootstrap], topics, "test") as sender,
        worker_process(
            {
                "TASKFLOW_PORT": str(unused_tcp_port),
                "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
                "TASKFLOW_TEMPORAL_ADDRESS": temporal_address,
                "TASKFLOW_TASK_GRPC": f"127.0.0.1:{grpc_port.port}",
                "TASKFLOW_AUTH_GRPC": f"127.0.0.1:{grpc_port.port}",
                "TASKFLOW_INTERNAL_SIGNING_KEY": SEED,
            }
        ) as process,
    ):
        await ready(unused_tcp_port)
        overdue, done = owner.add(timedelta(seconds=3)), owner.add(timedelta(seconds=3))
        for task in (overdue, done):
            created = event(TaskCreated(task=task, actor_id=uuid4()), trace)
            await sender.publish([created, created])
        async with alert_reader(kafka_bootstrap) as reader:
            (reminder,) = await alerts_of(reader, done.id, 1)
            closed = done.model_copy(update={"status_category": StatusCategory.COMPLETED, "version": 2})
            owner.tasks[str(done.id)] = closed
            await sender.publish([event(TaskStatusUpdated(task=closed, actor_id=uuid4()), trace)])
            await reader.seek_to_beginning()
            both = await alerts_of(reader, overdue.id, 2)
            await reader.seek_to_beginning()
            assert len(await alerts_of(reader, done.id, 1)) == 1, "completed in time: no escalation"
        assert sorted(alert.payload(SystemAlert).kind for alert in both) == ["sla.escalation", "sla.reminder"]
        escalation = next(alert for alert in both if alert.payload(SystemAlert).kind == "sla.escalation")
        assert escalation.time >= (overdue.due_at or escalation.time)
        assert escalation.tenant == overdue.workspace_id
        assert reminder.traceparent is not None
        assert {(alert.traceparent or "").split("-")[1] for alert in both} == {trace}
        assert owner.callers == {"worker"}
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
