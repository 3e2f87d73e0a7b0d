"""Owns sending to Kafka: acknowledged by all replicas, idempotent, in the order given, never waiting without end.

The connection is made with the first record, so a process serves its callers while Kafka is away. After a failure the
producer is thrown away together with what it had buffered: an idempotent batch would otherwise be kept for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, MessageSizeTooLargeError

from kit.errors import DomainError, invalid, unavailable
from kit.kafka.envelope import Envelope, Headers
from kit.kafka.topics import ensure_topics
from kit.telemetry import logger

_SEND_SECONDS = 8.0
_START_SECONDS = 8.0
_STOP_SECONDS = 3.0
_LARGEST_RECORD = 1_000_000

_log = logger("publisher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is sent, as Kafka sees it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, event: Envelope) -> Record:
        return cls(topic=event.type, key=event.key, value=event.data, headers=event.headers())


class Publisher:
    """Sends records; safe to share between tasks."""

    def __init__(self, bootstrap: Sequence[str], topics: Iterable[str], client_id: str) -> None:
        self._bootstrap = list(bootstrap)
        self._topics = tuple(topics)
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._discarded: set[asyncio.Task[None]] = set()

    async def publish(self, events: Iterable[Envelope]) -> None:
        """Returns when the broker has all of the events. See `send`."""
        await self.send([Record.of(event) for event in events])

    async def send(self, records: Sequence[Record]) -> None:
        """Returns when the broker has all of the records.

        Raises `DomainError` UNAVAILABLE when that is not known: some, all or none may be there, and all are to be sent
        again; INVALID when a record is too large to be sent at all.
        """
        if not records:
            return
        producer = None
        try:
            async with asyncio.timeout(_START_SECONDS + _SEND_SECONDS):
                producer = await self._open()
                async with asyncio.timeout(_SEND_SECONDS):
                    await _send_all(producer, records)
        except MessageSizeTooLargeError as error:
            raise invalid("A record is too large for Kafka.") from error
        except (TimeoutError, KafkaError, OSError) as error:
            self._discard(producer)
            raise unavailable(f"Kafka does not take events ({type(error).__name__}).") from error
        except asyncio.CancelledError:
            self._discard(producer)
            raise

    async def prepare(self) -> None:
        """Connects ahead of the first record, which need not wait for it then; while Kafka is away it does nothing."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                producer = await self._open()
                for topic in self._topics:
                    await producer.partitions_for(topic)
        except (TimeoutError, KafkaError, OSError, DomainError) as error:
            _log.info("Kafka is not there yet", reason=type(error).__name__)

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                await ensure_topics(self._bootstrap, self._topics)
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=True,
                    request_timeout_ms=5_000,
                    retry_backoff_ms=50,
                    max_request_size=_LARGEST_RECORD,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    def _discard(self, producer: AIOKafkaProducer | None) -> None:
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        task = asyncio.create_task(_stop(producer))
        self._discarded.add(task)
        task.add_done_callback(self._discarded.discard)

    async def aclose(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)
        await asyncio.gather(*self._discarded)


async def _send_all(producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
    futures: list[asyncio.Future[Any]] = []
    try:
        for record in records:
            future = await producer.send(record.topic, record.value, record.key, headers=list(record.headers))
            future.add_done_callback(_look)
            futures.append(future)
    finally:
        # Also when one of them could not be sent: what went before it is on its way.
        await asyncio.gather(*futures)


def _look(future: asyncio.Future[Any]) -> None:
    """Marks a failure as seen: `send` reports the first one only."""
    if not future.cancelled():
        future.exception()


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await producer.flush()
    except (TimeoutError, KafkaError, OSError):
        # The accumulator keeps idempotent batches for ever and `stop` waits for them: fail them first.
        producer._message_accumulator.fail_all(KafkaConnectionError("given up"))
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await producer.stop()
    except (TimeoutError, KafkaError, OSError) as error:
        _log.warning("producer did not stop", reason=type(error).__name__)


@asynccontextmanager
async def publisher(bootstrap: Sequence[str], topics: Iterable[str], client_id: str) -> AsyncIterator[Publisher]:
    """A publisher for the length of a block; `topics` are created with the first record if they do not exist."""
    opened = Publisher(bootstrap, topics, client_id)
    try:
        yield opened
    finally:
        await opened.aclose()
