"""What tests ask of a running task process, and what they find of it in its database and in Kafka."""

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from kit.identity import Actor
from kit.kafka import Envelope
from proto.events import CommentAdded, TaskCreated, TaskStatusUpdated, TaskUpdated
from tests.integration.subgraphs.task.process import TaskProcess

PROJECT_CREATE = """
mutation ($input: ProjectCreateInput!) { projectCreate(input: $input) { project { id key name lead { id } } } }
"""
TASK = "id key number title status statusCategory priority version dueAt assigneeIds project { id key name }"
TASK_CREATE = f"mutation ($input: TaskCreateInput!) {{ taskCreate(input: $input) {{ task {{ {TASK} }} }} }}"
TASK_UPDATE = f"mutation ($input: TaskUpdateInput!) {{ taskUpdate(input: $input) {{ task {{ {TASK} }} }} }}"
COMMENT_ADD = "mutation ($input: CommentAddInput!) { commentAdd(input: $input) { comment { id body author { id } } } }"
TOPICS = (TaskCreated.TOPIC, TaskUpdated.TOPIC, TaskStatusUpdated.TOPIC, CommentAdded.TOPIC)


async def project_create(process: TaskProcess, actor: Actor, workspace_id: UUID, *, key: str = "ENG") -> dict[str, Any]:
    """A new project, or the whole answer's errors as a failure."""
    answer = await process.ask(
        actor, PROJECT_CREATE, input={"workspaceId": str(workspace_id), "key": key, "name": "Engineering"}
    )
    assert "errors" not in answer, answer
    project: dict[str, Any] = answer["data"]["projectCreate"]["project"]
    return project


async def task_create(process: TaskProcess, actor: Actor, project: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A new task."""
    answer = await process.ask(actor, TASK_CREATE, input={"projectId": project["id"], "title": "Ship", **more})
    assert "errors" not in answer, answer
    task: dict[str, Any] = answer["data"]["taskCreate"]["task"]
    return task


async def task_update(process: TaskProcess, actor: Actor, task: dict[str, Any], **change: Any) -> dict[str, Any]:
    """The task after the change."""
    answer = await process.ask(actor, TASK_UPDATE, input={"id": task["id"], **change})
    assert "errors" not in answer, answer
    changed: dict[str, Any] = answer["data"]["taskUpdate"]["task"]
    return changed


async def fetch(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Rows, through a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        return rows
    finally:
        await connection.close()


async def outbox_is_empty(url: str, *, within_seconds: float = 60) -> None:
    """Returns as soon as everything was sent."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                if not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                    return
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def events_of(bootstrap: str, key: str) -> list[Envelope]:
    """All events of a task that are in Kafka now, topic by topic in the order of the log."""
    records = await records_of(bootstrap, TOPICS)
    return [Envelope.read(record.headers, record.value) for record in records if record.key == key.encode()]


async def records_of(bootstrap: str, topics: Collection[str]) -> list[Any]:
    """Everything that stands in the topics now."""
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            while {partition.topic for partition in consumer.assignment()} != set(topics):  # noqa: ASYNC110 - the broker
                await asyncio.sleep(0.05)
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        records: list[Any] = []
        async with asyncio.timeout(60):
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
        return records
    finally:
        await consumer.stop()


async def publish(bootstrap: str, topic: str, *, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """One record, as somebody else's relay would send it."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key, headers=headers)
    finally:
        await producer.stop()
