"""The task process from outside: GraphQL, gRPC and Kafka on real engines."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer

from kit.identity import Actor, InternalTokens
from kit.ids import new_id
from kit.kafka import Envelope
from kit.rpc import channel
from proto.events import CommentAdded, TaskCreated, TaskStatusUpdated, TaskUpdated
from proto.task.v1.task_pb2 import CreateTaskRequest, GetTaskClockRequest
from proto.task.v1.task_pb2_grpc import TaskServiceStub
from tests.integration.subgraphs.task.process import TaskProcess, an_actor, code_of, task_process
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.auth_stub import KEYS, SEED, AuthStub, auth_stub

PROJECT_CREATE = """
mutation ($input: ProjectCreateInput!) { projectCreate(input: $input) { project { id key name lead { id } } } }
"""
TASK = "id key number title status statusCategory priority version dueAt assigneeIds project { id key name }"
TASK_CREATE = f"mutation ($input: TaskCreateInput!) {{ taskCreate(input: $input) {{ task {{ {TASK} }} }} }}"
TASK_UPDATE = f"mutation ($input: TaskUpdateInput!) {{ taskUpdate(input: $input) {{ task {{ {TASK} }} }} }}"
COMMENT_ADD = "mutation ($input: CommentAddInput!) { commentAdd(input: $input) { comment { id body author { id } } } }"


@pytest.fixture
async def auth() -> AsyncIterator[tuple[AuthStub, int]]:
    async with auth_stub() as opened:
        yield opened


@pytest.fixture
def settings(fresh_postgres: PostgresDatabase, kafka_bootstrap: str, auth: tuple[AuthStub, int]) -> dict[str, str]:
    return {
        "TASKFLOW_POSTGRES_URL": fresh_postgres.url,
        "TASKFLOW_POSTGRES_OWNER_URL": fresh_postgres.owner_url,
        "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "TASKFLOW_INTERNAL_SIGNING_KEY": SEED,
        "TASKFLOW_INTERNAL_TRUSTED_KEYS": ",".join(KEYS),
        "TASKFLOW_AUTH_GRPC": f"127.0.0.1:{auth[1]}",
    }


@pytest.fixture
async def process(settings: dict[str, str]) -> AsyncIterator[TaskProcess]:
    async with task_process(settings) as opened:
        await opened.start()
        await opened.ready()
        yield opened


async def a_project(process: TaskProcess, actor: Actor, workspace_id: UUID, key: str = "ENG") -> dict[str, Any]:
    answer = await process.ask(
        actor, PROJECT_CREATE, input={"workspaceId": str(workspace_id), "key": key, "name": "Engineering"}
    )
    project: dict[str, Any] = answer["data"]["projectCreate"]["project"]
    return project


async def events_of(bootstrap: str, task_id: str, count: int) -> list[Envelope]:
    """The events of a task, over all topics, in the order of their time."""
    topics = [TaskCreated.TOPIC, TaskUpdated.TOPIC, TaskStatusUpdated.TOPIC, CommentAdded.TOPIC]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        events: list[Envelope] = []
        async with asyncio.timeout(15):
            while len(events) < count:
                record = await consumer.getone()
                if record.key == task_id.encode():
                    events.append(Envelope.read(record.headers, record.value))
        return sorted(events, key=lambda event: event.time)
    finally:
        await consumer.stop()


async def test_a_task_lives_from_its_creation_to_its_events(process: TaskProcess, kafka_bootstrap: str) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    project = await a_project(process, ada, workspace_id)
    assert project["lead"] == {"id": str(ada.user_id)}
    due_at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    created = await process.ask(
        ada, TASK_CREATE, input={"projectId": project["id"], "title": "Ship", "dueAt": due_at, "priority": "HIGH"}
    )
    task = created["data"]["taskCreate"]["task"]
    assert (task["key"], task["version"], task["status"]) == ("ENG-1", 1, "Todo")
    moved = await process.ask(
        ada, TASK_UPDATE, input={"id": task["id"], "title": "Ship it", "status": "Done", "expectedVersion": 1}
    )
    assert moved["data"]["taskUpdate"]["task"]["version"] == 3
    commented = await process.ask(ada, COMMENT_ADD, input={"taskId": task["id"], "body": "Well done"})
    assert commented["data"]["commentAdd"]["comment"]["author"] == {"id": str(ada.user_id)}
    events = await events_of(kafka_bootstrap, task["id"], 4)
    by_type = {event.type: event for event in events}
    assert sorted(by_type) == ["comment.added", "task.created", "task.status.updated", "task.updated"]
    assert by_type["task.created"].payload(TaskCreated).task.version == 1
    assert by_type["task.updated"].payload(TaskUpdated).changed == ("title",)
    assert by_type["task.updated"].payload(TaskUpdated).task.status == "Todo"
    assert by_type["task.status.updated"].payload(TaskStatusUpdated).task.version == 3
    assert by_type["comment.added"].payload(CommentAdded).comment.body == "Well done"
    assert {event.tenant for event in events} == {workspace_id}


async def test_a_worker_creates_a_task_once_and_reads_its_clock(process: TaskProcess) -> None:
    workspace_id = new_id()
    ada = an_actor(workspace_id)
    project = await a_project(process, ada, workspace_id)
    request = CreateTaskRequest(
        idempotency_key="series/1",
        workspace_id=str(workspace_id),
        project_id=project["id"],
        title="Weekly report",
        reporter_id=str(ada.user_id),
    )
    async with channel("task", [f"127.0.0.1:{process.grpc_port}"], InternalTokens(SEED, "worker")) as worker:
        tasks = worker.stub(TaskServiceStub)
        answers = await asyncio.gather(*(tasks.CreateTask(request) for _ in range(5)))
        assert len({answer.task_id for answer in answers}) == 1
        clock = await tasks.GetTaskClock(
            GetTaskClockRequest(task_id=answers[0].task_id, workspace_id=str(workspace_id))
        )
    assert (clock.key, clock.open, clock.deleted, clock.lead_id) == ("ENG-1", True, False, str(ada.user_id))


async def test_sigterm_drains_and_exits_with_zero(process: TaskProcess) -> None:
    assert await process.stop(signal.SIGTERM) == 0


async def test_without_an_internal_token_nothing_is_answered(process: TaskProcess) -> None:
    async with process.session.post(
        f"http://127.0.0.1:{process.port}/graphql", json={"query": "{ __typename }"}
    ) as response:
        assert response.status == 401
        assert code_of(await response.json()) == "GATEWAY_REQUIRED"
