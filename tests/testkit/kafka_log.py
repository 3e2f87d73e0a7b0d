"""Reading a topic from its beginning, to see what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer

from kit.kafka import Envelope


async def read_until(
    bootstrap: str, topic: str, wanted: Callable[[Envelope], bool], *, count: int = 1, within_seconds: float = 20
) -> list[Envelope]:
    """The wanted events of a topic, once there are so many; raises TimeoutError if they do not come."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    found: list[Envelope] = []
    try:
        async with asyncio.timeout(within_seconds):
            while len(found) < count or not await _at_end(consumer):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    events = (Envelope.read(record.headers, record.value) for record in records)
                    found += [event for event in events if wanted(event)]
    finally:
        await consumer.stop()
    return found


async def _at_end(consumer: AIOKafkaConsumer) -> bool:
    ends = await consumer.end_offsets(consumer.assignment())
    return all([await consumer.position(partition) >= end for partition, end in ends.items()])
