"""The router as a process: Kafka in, the listening pod's channel out, bad events set aside, SIGTERM drains."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from aiokafka import AIOKafkaConsumer
from redis.asyncio import Redis

from gateway.live.listener import Delivery, Listener
from kit.ids import new_id
from kit.kafka import Envelope, Publisher, dead_letter_topic, publisher
from tests.testkit.live import LiveBench

PATIENCE = 30.0


@contextlib.asynccontextmanager
async def router_process(kafka_bootstrap: str, redis_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap, "TASKFLOW_REDIS_URL": redis_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.live.router", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def sender(kafka_bootstrap: str) -> AsyncIterator[Publisher]:
    async with publisher([kafka_bootstrap], ["notification.created"], "test") as opened:
        yield opened


@pytest.fixture
async def bench(redis_url: str) -> AsyncIterator[LiveBench]:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    yield LiveBench(redis)
    await redis.aclose()


def envelope(user_id: UUID, data: bytes | None = None) -> Envelope:
    content = data or orjson.dumps({"notification": {"userId": user_id}, "unreadCount": 1})
    return Envelope(
        id=new_id(),
        type="notification.created",
        source="test",
        time=datetime.now(UTC),
        subject=str(user_id),
        tenant=None,
        data=content,
        traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01",
    )


async def dead_letter(kafka_bootstrap: str, event_id: UUID) -> dict[str, bytes]:
    """The headers of the event's dead letter, waited for."""
    reader = AIOKafkaConsumer(
        dead_letter_topic("notification.created", "router"),
        bootstrap_servers=kafka_bootstrap,
        auto_offset_reset="earliest",
    )
    await reader.start()
    try:
        async with asyncio.timeout(PATIENCE):
            async for record in reader:
                headers = dict(record.headers)
                if headers.get("ce_id") == str(event_id).encode():
                    return headers
    finally:
        await reader.stop()
    raise AssertionError("unreachable")


async def test_an_event_reaches_the_pod_that_listens_and_a_bad_one_is_set_aside(
    kafka_bootstrap: str, redis_url: str, bench: LiveBench, sender: Publisher
) -> None:
    user = new_id()
    bad, good = envelope(user, b'{"notification": {}}'), envelope(user)
    async with bench.pod(tick_seconds=0.2) as running, router_process(kafka_bootstrap, redis_url) as process:
        listener = Listener()
        await running.pod.attach(listener, f"user:{user}")
        await sender.publish([bad, good, good])
        item = await asyncio.wait_for(listener.next(), PATIENCE)
        assert isinstance(item, Delivery)
        assert item.event["id"] == str(good.id)
        assert item.event["traceparent"] == good.traceparent
        assert item.event["data"] == {"notification": {"userId": str(user)}, "unreadCount": 1}
        headers = await dead_letter(kafka_bootstrap, bad.id)
        assert headers["dlq_code"] == b"EVENT_MALFORMED"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert len(await bench.log.after(f"user:{user}", "0-0")) == 1
