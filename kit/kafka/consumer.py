"""Owns reading a group's topics: order per key, different keys side by side, offsets committed only for what is done.

A partition's offset is committed up to its first record that is neither applied nor set aside. Before partitions move
to another member they are drained and committed; what is not done in time comes again there, and must find no effect
to repeat. A slow key delays nobody but itself, until too much of its partition waits behind it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from kit import failpoints
from kit.clock import Clock, SystemClock
from kit.kafka.dead_letters import DeadLetters
from kit.kafka.delivery import Delivery, DeliveryOptions, Handler
from kit.kafka.offsets import Entry, Progress
from kit.kafka.publisher import Publisher
from kit.kafka.topics import dead_letter_topic, ensure_topics
from kit.resilience import backoff
from kit.telemetry import children, logger

_LAG = children(Gauge("consumer_lag_records", "Records of a topic not yet done by a group.", ["group", "topic"]))

_DRAIN_SECONDS = 5.0  # below the session time-out: no heartbeat is sent while partitions are given back
_STOP_SECONDS = 3.0
_POLL_MS = 1_000

_log = logger("consumer")

Lane = tuple[TopicPartition, bytes | None]
"""What must stay in order: the records of one key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerOptions:
    """How much at once, and how patiently."""

    concurrency: int = 16
    in_flight_per_partition: int = 200
    commit_seconds: float = 0.25
    session_ms: int = 10_000
    lag_seconds: float = 5.0
    delivery: DeliveryOptions = field(default_factory=DeliveryOptions)


class Consumer:
    """Reads the topics that have a handler, as a member of a group."""

    def __init__(
        self,
        bootstrap: Sequence[str],
        group: str,
        handlers: Mapping[str, Handler],
        publisher: Publisher,
        clock: Clock | None = None,
        options: ConsumerOptions | None = None,
    ) -> None:
        self._bootstrap = list(bootstrap)
        self._group = group
        self._topics = sorted(handlers)
        self._options = options or ConsumerOptions()
        self._delivery = Delivery(
            group, handlers, DeadLetters(publisher, group), clock or SystemClock(), self._options.delivery
        )

    async def run(self) -> None:
        """Reads until cancelled; then ends what is running, commits it and leaves the group."""
        failures = 0
        while True:
            try:
                async with self._member() as member:
                    if failures:
                        _log.info("reads again", group=self._group)
                    failures = 0
                    await member.read()
            except (KafkaError, OSError) as error:
                failures += 1
                if failures == 1:
                    _log.warning("waits for Kafka", group=self._group, reason=f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(backoff(failures, longest=2.0))

    @asynccontextmanager
    async def _member(self) -> AsyncIterator[_Member]:
        letters = [dead_letter_topic(topic, self._group) for topic in self._topics]
        await ensure_topics(self._bootstrap, [*self._topics, *letters])
        wire = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            client_id=f"taskflow-{self._group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._options.session_ms,
            heartbeat_interval_ms=self._options.session_ms // 5,
            rebalance_timeout_ms=max(15_000, self._options.session_ms),
            request_timeout_ms=20_000,
            retry_backoff_ms=50,
            metadata_max_age_ms=10_000,  # partitions that come later are found soon
        )
        member = _Member(wire, self._group, self._delivery, self._options)
        wire.subscribe(self._topics, listener=member)
        try:
            await wire.start()
            yield member
        finally:
            await member.aclose()


class _Member(ConsumerRebalanceListener):  # type: ignore[misc]  # the package ships no types
    """One membership in the group, from joining to leaving."""

    def __init__(self, wire: AIOKafkaConsumer, group: str, delivery: Delivery, options: ConsumerOptions) -> None:
        self._wire = wire
        self._group = group
        self._delivery = delivery
        self._options = options
        self._slots = asyncio.Semaphore(options.concurrency)
        self._progress: dict[TopicPartition, Progress] = {}
        self._lanes: dict[Lane, deque[tuple[Any, Entry]]] = {}
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._paused: set[TopicPartition] = set()
        self._done = asyncio.Event()
        self._broken: Exception | None = None
        self._commits = True

    async def read(self) -> None:
        """Reads until cancelled. Raises what Kafka, or a task beside, fails with."""
        beside = [asyncio.create_task(self._commit_often()), asyncio.create_task(self._measure_lag())]
        try:
            while True:
                batches = await self._wire.getmany(timeout_ms=_POLL_MS)
                for partition, records in batches.items():
                    self._begin(partition, records)
                self._throttle()
                for task in beside:
                    if task.done():
                        task.result()
                if self._broken is not None:
                    raise self._broken
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def _begin(self, partition: TopicPartition, records: Iterable[Any]) -> None:
        progress = self._progress.setdefault(partition, Progress())
        if progress.closed:
            return  # being given away; the next owner reads these again
        for record in records:
            entry = progress.begin(record.offset)
            lane = (partition, record.key)
            queue = self._lanes.get(lane)
            if queue is None:
                self._lanes[lane] = deque([(record, entry)])
                self._tasks[lane] = asyncio.create_task(self._follow(lane, progress))
            else:
                queue.append((record, entry))

    async def _follow(self, lane: Lane, progress: Progress) -> None:
        """Delivers the records of one key one after another, until none is left or the partition is given away."""
        queue = self._lanes[lane]
        try:
            while queue and not progress.closed:
                record, entry = queue[0]
                await self._delivery.deliver(record, self._slots)
                entry.done = True
                self._done.set()
                queue.popleft()
        except Exception as error:
            self._broken = error
        finally:
            del self._lanes[lane], self._tasks[lane]

    def _throttle(self) -> None:
        """Stops fetching partitions with too much in flight, and goes on with those that have caught up."""
        most = self._options.in_flight_per_partition
        assigned = self._wire.assignment()
        for partition, progress in self._progress.items():
            progress.committable()
            if progress.in_flight >= most and partition not in self._paused and partition in assigned:
                self._wire.pause(partition)
                self._paused.add(partition)
        for partition in list(self._paused):
            kept = self._progress.get(partition)
            if partition not in assigned or kept is None or kept.in_flight < most // 2:
                self._paused.discard(partition)
                if partition in assigned:
                    self._wire.resume(partition)

    async def _commit_often(self) -> None:
        while True:
            await self._done.wait()
            self._done.clear()
            await self._commit(self._progress)
            self._throttle()
            await asyncio.sleep(self._options.commit_seconds)

    async def _commit(self, partitions: Iterable[TopicPartition]) -> None:
        assigned = self._wire.assignment()
        offsets = {
            partition: offset
            for partition in list(partitions)
            if partition in assigned
            and partition in self._progress
            and (offset := self._progress[partition].committable()) is not None
        }
        if not offsets:
            return
        await failpoints.reach("consumer.before_commit")
        try:
            await self._wire.commit(offsets)
        except KafkaError as error:
            # Moved on or unreachable: the next commit, or the next owner, covers it.
            if self._commits:
                _log.warning("offsets are not committed", group=self._group, reason=type(error).__name__)
            self._commits = False
            self._done.set()
            return
        self._commits = True
        for partition, offset in offsets.items():
            if partition in self._progress:
                self._progress[partition].committed(offset)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Called by the client between two generations; does not wait for the reader, which may wait for the client."""
        leaving = set(revoked)
        await self._drain(leaving)
        await self._commit(leaving)
        for partition in leaving:
            self._progress.pop(partition, None)
            self._paused.discard(partition)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        for partition in assigned:
            if partition not in self._progress or not self._progress[partition].in_flight:
                self._progress[partition] = Progress()

    async def _drain(self, partitions: Collection[TopicPartition]) -> None:
        """Lets what is being delivered end; what only waits in a queue is left to the next owner."""
        for partition in partitions:
            if partition in self._progress:
                self._progress[partition].closed = True
        running = [task for lane, task in self._tasks.items() if lane[0] in partitions]
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=_DRAIN_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _measure_lag(self) -> None:
        while True:
            await asyncio.sleep(self._options.lag_seconds)
            with suppress(KafkaError):  # an assignment that changes meanwhile
                await self._measure()

    async def _measure(self) -> None:
        lag: dict[str, int] = dict.fromkeys((partition.topic for partition in self._wire.assignment()), 0)
        for partition in self._wire.assignment():
            ahead = self._wire.highwater(partition)
            if ahead is not None:
                read = await self._wire.position(partition)
                waiting = self._progress[partition].in_flight if partition in self._progress else 0
                lag[partition.topic] += max(0, ahead - read) + waiting
        for topic, records in lag.items():
            _LAG(self._group, topic).set(records)

    async def aclose(self) -> None:
        await self._drain(list(self._progress))
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._commit(list(self._progress))
                await self._wire.stop()
        except (TimeoutError, KafkaError, OSError) as error:
            _log.warning("left the group without a word", group=self._group, reason=type(error).__name__)
