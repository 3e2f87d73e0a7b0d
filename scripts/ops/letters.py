"""Owns reading dead letters: all of every group, each with its address and the reason why it was set aside.

A letter is at `topic/partition/offset` of its dead letter topic. Letters of one key stand in one partition, so offsets
tell in which order they failed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kit.kafka.dead_letters import PREFIX
from kit.kafka.envelope import Headers

SUFFIX = ".dlq"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a record stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError when `text` is no `topic/partition/offset`."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that a group could not process, whole."""

    address: Address
    key: bytes | None
    value: bytes | None
    headers: Headers  # of the event
    about: Mapping[str, str]  # reason, code, group, topic, partition, offset, attempts, first_failure, last_failure, …

    @property
    def group(self) -> str:
        return self.about.get("group", "")

    @property
    def source(self) -> Address:
        """Where the event stood when it failed."""
        return Address(self.about["topic"], int(self.about["partition"]), int(self.about["offset"]))

    @property
    def value_dropped(self) -> bool:
        """Whether the value was too large to be kept beside the reason, and is to be read from `source`."""
        return "value_dropped" in self.about

    @property
    def mark(self) -> bytes:
        """Names the letter for ever: offsets begin anew when a topic is made again, the time of failure does not."""
        return f"{self.address}@{self.about.get('last_failure', '')}".encode()


async def dead_letter_topics(bootstrap: Sequence[str]) -> list[str]:
    """Every topic with dead letters. Raises KafkaError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap))
    try:
        await admin.start()
        return sorted(topic for topic in await admin.list_topics() if topic.endswith(SUFFIX))
    finally:
        await admin.close()


async def read_letters(bootstrap: Sequence[str], topics: Iterable[str]) -> list[Letter]:
    """All letters of some topics, by address. Raises KafkaError."""
    letters = [_letter(record) async for record in records(bootstrap, topics)]
    return sorted(letters, key=lambda letter: letter.address)


async def records(bootstrap: Sequence[str], topics: Iterable[str]) -> AsyncIterator[Any]:
    """What stood in some topics when the reading began, partition by partition in order. Raises KafkaError."""
    partitions = await _partitions(bootstrap, list(topics))
    if not partitions:
        return
    consumer = AIOKafkaConsumer(bootstrap_servers=list(bootstrap), group_id=None, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign(partitions)
        first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        waiting = {partition for partition in partitions if first[partition] < ends[partition]}
        consumer.pause(*(set(partitions) - waiting))
        for partition in waiting:
            consumer.seek(partition, first[partition])
        while waiting:
            for partition, batch in (await consumer.getmany(timeout_ms=500)).items():
                for record in batch:
                    if record.offset < ends[partition]:
                        yield record
            waiting = {one for one in waiting if await consumer.position(one) < ends[one]}
    finally:
        await consumer.stop()


async def read_one(bootstrap: Sequence[str], address: Address) -> Any | None:
    """The record at an address; None when it is no longer kept. Raises KafkaError."""
    partition = TopicPartition(address.topic, address.partition)
    consumer = AIOKafkaConsumer(bootstrap_servers=list(bootstrap), group_id=None, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign([partition])
        first, end = await consumer.beginning_offsets([partition]), await consumer.end_offsets([partition])
        if not first[partition] <= address.offset < end[partition]:
            return None
        consumer.seek(partition, address.offset)
        record = await consumer.getone()
        return record if record.offset == address.offset else None
    finally:
        await consumer.stop()


async def _partitions(bootstrap: Sequence[str], topics: list[str]) -> list[TopicPartition]:
    if not topics:
        return []
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap))
    try:
        await admin.start()
        described = await admin.describe_topics(topics)
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], one["partition"]) for topic in described for one in topic["partitions"]]


def _letter(record: Any) -> Letter:
    return Letter(
        Address(record.topic, record.partition, record.offset),
        record.key,
        record.value,
        tuple((name, value) for name, value in record.headers if not name.startswith(PREFIX)),
        {
            name.removeprefix(PREFIX): value.decode(errors="replace")
            for name, value in record.headers
            if name.startswith(PREFIX)
        },
    )
