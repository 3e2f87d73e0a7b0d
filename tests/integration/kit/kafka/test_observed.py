"""What people see of an event on its way: one trace from the request to the effect, and how far behind it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import ClassVar

import asyncpg
import pytest
from prometheus_client import REGISTRY

from kit.kafka import Consumer, ConsumerOptions, Envelope, Publisher, Relay, RelayOptions, WakeUp
from kit.kafka.postgres import TABLES, PostgresPending, add_events
from kit.telemetry import setup_tracing, span, trace_id
from proto.events import Payload
from tests.integration.kit.kafka.conftest import consumer, event, running, until
from tests.testkit.postgres import PostgresDatabase


@pytest.fixture
async def pool(fresh_postgres: PostgresDatabase) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(fresh_postgres.owner_url, min_size=1, max_size=8) as opened:
        await opened.execute(TABLES)
        yield opened


async def test_one_trace_goes_from_the_request_through_outbox_and_kafka_to_the_effect(
    pool: asyncpg.Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    setup_tracing("test", None)

    class Said(Payload):
        TOPIC: ClassVar[str] = topic
        word: str

    seen: list[tuple[str, str | None]] = []

    async def handle(got: Envelope) -> None:
        seen.append((got.payload(Said).word, trace_id()))

    wake_up = WakeUp()
    async with (
        running(Relay("traced", PostgresPending(pool, "test"), sender, wake_up).run),
        running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run),
    ):
        expected = []
        for word in ("one", "two"):
            with span("request"):
                expected.append((word, trace_id()))
                said = Envelope.of(Said(word=word), source="test", subject="k", tenant=None, time=datetime.now(UTC))
                await add_events(pool, [said])
            await wake_up.committed("k")
        await until(lambda: len(seen) == 2)
    assert seen == expected


async def test_age_of_the_outbox_and_lag_of_the_group_are_measured(
    pool: asyncpg.Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    release = asyncio.Event()

    async def handle(_: Envelope) -> None:
        await release.wait()

    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    await add_events(pool, [event(topic, f"k{number}") for number in range(3)])
    assert 0 < await PostgresPending(pool, "test").oldest_age_seconds() < 60
    measuring = ConsumerOptions(lag_seconds=0.1)
    options = RelayOptions(sweep_seconds=0.05, left_behind_seconds=0)
    async with (
        running(Relay("measured", PostgresPending(pool, "test"), sender, WakeUp(), options).run),
        running(Consumer([kafka_bootstrap], topic, {topic: handle}, sender, options=measuring).run),
    ):
        await until(lambda: value("outbox_sent_total", store="measured") == 3)
        await until(lambda: value("consumer_lag_records", group=topic, topic=topic) == 3)
        release.set()
        await until(lambda: value("consumer_lag_records", group=topic, topic=topic) == 0)
    assert value("consumer_events_total", group=topic, topic=topic, outcome="applied") == 3
