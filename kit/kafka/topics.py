"""Owns that topics exist before anyone uses them, with enough partitions to spread keys over several consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from kit.errors import unavailable

PARTITIONS = 6
_REQUEST_TIMEOUT_MS = 10_000
_LISTED_SECONDS = 10.0
_DONE = frozenset({0, 36})  # no error, TOPIC_ALREADY_EXISTS


def dead_letter_topic(topic: str, group: str) -> str:
    """Where a group sets aside the events of a topic that it cannot process."""
    return f"{topic}.{group}.dlq"


async def ensure_topics(
    bootstrap: Sequence[str],
    topics: Iterable[str],
    replication: int = -1,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Creates what does not exist yet, with these settings of a topic; replication -1 is left to the broker.

    Raises `DomainError` UNAVAILABLE when the broker refuses, `KafkaError` when it cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap), request_timeout_ms=_REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        wanted = set(topics)
        missing = [_topic(name, replication, settings) for name in sorted(wanted - set(await admin.list_topics()))]
        if not missing:
            return
        response = await admin.create_topics(missing)
        for name, code, *_ in response.topic_errors:
            if code not in _DONE:
                raise unavailable(f"topic {name} cannot be created: {for_code(code).__name__}")
        # A consumer that joins before they are listed would not look for them again for a while.
        async with asyncio.timeout(_LISTED_SECONDS):
            while not wanted <= set(await admin.list_topics()):  # noqa: ASYNC110 (the broker sets no event)
                await asyncio.sleep(0.02)
    finally:
        await admin.close()


def _topic(name: str, replication: int, settings: Mapping[str, str] | None) -> NewTopic:
    if replication != -1:
        return NewTopic(name, PARTITIONS, replication, topic_configs=dict(settings or {}))
    # The client insists on assignments beside -1; an empty one makes the broker use its default.
    topic = NewTopic(name, PARTITIONS, 1, topic_configs=dict(settings or {}))
    topic.replication_factor = -1
    return topic
