"""Owns the way from a committed event to Kafka: at once after our own commit, by a sweep for what others left.

A relay may be killed anywhere and run beside others: see the promise in `kit.kafka.pending`. While Kafka is away it
holds nothing in memory, tries again with pauses, and says so once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from prometheus_client import Counter, Gauge

from kit import failpoints
from kit.errors import DomainError, Kind
from kit.kafka.pending import Pending, PendingEvents, WakeUp
from kit.kafka.publisher import Publisher
from kit.resilience import backoff
from kit.resilience.outage import is_outage
from kit.telemetry import children, logger

_SENT = children(Counter("outbox_sent_total", "Events sent and marked.", ["store"]))
_FAILURES = children(Counter("outbox_failures_total", "Attempts to send that failed.", ["store"]))
_REFUSED = children(Counter("outbox_refused_total", "Events that Kafka can never take.", ["store"]))
_OLDEST = children(Gauge("outbox_oldest_age_seconds", "Age of the oldest unsent event.", ["store"]))

_log = logger("relay")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """How much at once, and how often to look for what was left behind."""

    batch: int = 500
    sweep_seconds: float = 1.0
    left_behind_seconds: float = 1.0
    longest_pause_seconds: float = 2.0


class Relay:
    """Sends the pending events of one store."""

    def __init__(
        self,
        store: str,
        pending: PendingEvents,
        publisher: Publisher,
        wake_up: WakeUp,
        options: RelayOptions | None = None,
    ) -> None:
        self._store = store
        self._pending = pending
        self._publisher = publisher
        self._wake_up = wake_up
        self._options = options or RelayOptions()
        self._failures = 0
        self._refused: set[UUID] = set()

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._publisher.prepare()
        next_sweep = 0.0
        while True:
            try:
                places = await self._wake_up.take(self._options.batch, max(0.0, next_sweep - monotonic()))
                if places and not self._failures:
                    await self._deliver(await self._pending.of(places))
                if monotonic() >= next_sweep:
                    await self._sweep()
                    next_sweep = monotonic() + self._options.sweep_seconds
                    self._recovered()
            except Exception as error:
                await self._failed(error)
                next_sweep = 0.0

    async def _sweep(self) -> None:
        while True:
            async with self._pending.left_behind(self._options.batch, self._options.left_behind_seconds) as events:
                sent = await self._deliver(events)
            if sent < self._options.batch:
                break
        _OLDEST(self._store).set(await self._pending.oldest_age_seconds())

    async def _deliver(self, events: Sequence[Pending]) -> int:
        if not events:
            return 0
        sent = await self._send([pending for pending in events if pending.event.id not in self._refused])
        await failpoints.reach("relay.after_send")
        await failpoints.reach("relay.before_mark")
        await self._pending.mark_sent(sent)
        _SENT(self._store).inc(len(sent))
        return len(sent)

    async def _send(self, events: Sequence[Pending]) -> Sequence[Pending]:
        """Sends the events and answers which ones; one that Kafka can never take must not hold back the others."""
        try:
            await self._publisher.publish([pending.event for pending in events])
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
        else:
            return events
        return [pending for pending in events if await self._send_alone(pending)]

    async def _send_alone(self, pending: Pending) -> bool:
        try:
            await self._publisher.publish([pending.event])
        except DomainError as error:
            if error.kind is not Kind.INVALID:
                raise
            self._refused.add(pending.event.id)
            _REFUSED(self._store).inc()
            event = pending.event
            _log.error("event cannot be sent and stays", store=self._store, topic=event.type, id=str(event.id))
            return False
        return True

    async def _failed(self, error: Exception) -> None:
        self._failures += 1
        _FAILURES(self._store).inc()
        if not is_outage(error):
            _log.error("events cannot be sent", store=self._store, exc_info=error)
        elif self._failures == 1:
            _log.warning("events wait to be sent", store=self._store, reason=str(error)[:200])
        await asyncio.sleep(backoff(self._failures, longest=self._options.longest_pause_seconds))

    def _recovered(self) -> None:
        if self._failures:
            _log.info("events are sent again", store=self._store, failures=self._failures)
            self._failures = 0
