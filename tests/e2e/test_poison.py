"""A poison message on each topic is set aside by each group with its reason, and the partition goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kit.kafka import Publisher, Record, dead_letter_topic, ensure_topics
from kit.kafka.topics import PARTITIONS
from proto.events import TOPICS
from tests.testkit.notification.process import CONSUMED
from tests.testkit.product import Product

GROUPS = {
    "task": ("notification.system.alert", "user-registered", "user.updated", "workspace.member.changed"),
    "notification": tuple(CONSUMED),
    "worker": (
        "recurrence.changed",
        "sla.acknowledged",
        "sla.policy.changed",
        "task.created",
        "task.status.updated",
        "task.updated",
        "user.invited",
    ),
    "router": (
        "comment.added",
        "comment.updated",
        "notification.created",
        "project.access.changed",
        "session.revoked",
        "task.created",
        "task.status.updated",
        "task.updated",
        "workspace.member.changed",
    ),
}
WHY = (b"DomainError: The data does not fit", b"DomainError: The event cannot be routed")
LETTERS = [(dead_letter_topic(topic, group), topic) for group, topics in GROUPS.items() for topic in topics]


@pytest.mark.timeout(120)
async def test_is_set_aside_by_each_group(product: Product) -> None:
    bootstrap = product.stack.engines.environment("kafka")["TASKFLOW_KAFKA_BOOTSTRAP"]
    keys = {topic: uuid4() for topic in TOPICS}
    async with reading(bootstrap, [letter for letter, _ in LETTERS]) as letters:
        publisher = Publisher([bootstrap], TOPICS, "test")
        await publisher.send([poison(topic, key) for topic, key in keys.items()])
        # A second one behind it on the same partition: it is set aside only if the first one is out of the way.
        await publisher.send([poison(topic, key) for topic, key in keys.items()])
        await publisher.aclose()
        wanted = {(letter, str(keys[topic]).encode()): 2 for letter, topic in LETTERS}
        found = await collect(letters, wanted)
    for (letter, _), headers in found.items():
        assert {one["dlq_code"] for one in headers} == {b"EVENT_MALFORMED"}, letter
        assert all(one["dlq_reason"].startswith(WHY) for one in headers), headers


def poison(topic: str, key: UUID) -> Record:
    headers = (
        ("ce_id", str(uuid4()).encode()),
        ("ce_type", topic.encode()),
        ("ce_source", b"test"),
        ("ce_time", b"2026-11-24T12:00:00+00:00"),
        ("ce_subject", str(key).encode()),
    )
    return Record(topic=topic, key=str(key).encode(), value=b'{"nothing": "fits"}', headers=headers)


@asynccontextmanager
async def reading(bootstrap: str, topics: list[str]) -> AsyncIterator[AIOKafkaConsumer]:
    await ensure_topics([bootstrap], topics)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()


Found = dict[tuple[str, bytes], list[dict[str, bytes]]]


async def collect(consumer: AIOKafkaConsumer, wanted: dict[tuple[str, bytes], int], seconds: float = 60) -> Found:
    """The headers of the wanted dead letters. Raises TimeoutError that names what is missing."""
    found: Found = {place: [] for place in wanted}
    try:
        async with asyncio.timeout(seconds):
            while any(len(found[place]) < count for place, count in wanted.items()):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        place = (record.topic, record.key or b"")
                        if place in found:
                            found[place].append(dict(record.headers))
    except TimeoutError:
        missing = sorted(place[0] for place, count in wanted.items() if len(found[place]) < count)
        raise TimeoutError(f"not set aside: {missing}") from None
    return found
