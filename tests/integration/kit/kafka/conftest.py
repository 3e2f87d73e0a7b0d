"""Topics of a test's own, events for them, and a reader that sees what stands in the log."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from kit.ids import new_id
from kit.kafka import Consumer, ConsumerOptions, DeliveryOptions, Envelope, Publisher, publisher
from tests.testkit.conditions import eventually

QUICK = ConsumerOptions(
    commit_seconds=0.05,
    session_ms=6_000,
    delivery=DeliveryOptions(handler_seconds=1.0, attempts=2, longest_pause_seconds=0.2),
)


@pytest.fixture
def topic() -> str:
    return f"test.{secrets.token_hex(6)}"


@pytest.fixture
async def sender(kafka_bootstrap: str, topic: str) -> AsyncIterator[Publisher]:
    async with publisher([kafka_bootstrap], [topic], "test") as opened:
        yield opened


def event(topic: str, key: str, data: bytes = b"{}", **other: Any) -> Envelope:
    return Envelope(
        id=new_id(), type=topic, source="test", time=datetime.now(UTC), subject=key, tenant=None, data=data, **other
    )


@asynccontextmanager
async def running(run: Callable[[], Awaitable[None]]) -> AsyncIterator[asyncio.Task[None]]:
    """Runs for the length of a block; a failure of what runs is a failure of the test."""
    task = asyncio.ensure_future(run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and task.exception() is not None:
            raise task.exception() or AssertionError


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    await eventually(condition, within_seconds=seconds)


async def finally_empty(count: Callable[[], Awaitable[object]], seconds: float = 20.0) -> None:
    """Waits until nothing is left of what can only be asked for."""
    async with asyncio.timeout(seconds):
        while await count():  # noqa: ASYNC110 (the count is another process's: nobody sets an event)
            await asyncio.sleep(0.02)


async def stands_in(bootstrap: str, topics: Sequence[str], count: int) -> list[Any]:
    """The first records of topics, in the order of their partitions; waits until there are so many."""
    reader = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", metadata_max_age_ms=300
    )
    await reader.start()
    found: list[Any] = []
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                for records in (await reader.getmany(timeout_ms=100)).values():
                    found += records
    finally:
        await reader.stop()
    return found


async def committed(bootstrap: str, group: str, topic: str) -> int:
    """The sum of a group's committed offsets: how many records of a topic it counts as done."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return sum(meta.offset for partition, meta in offsets.items() if partition.topic == topic and meta.offset > 0)


def consumer(bootstrap: str, group: str, handlers: Any, letters: Publisher) -> Consumer:
    return Consumer([bootstrap], group, handlers, letters, options=QUICK)
