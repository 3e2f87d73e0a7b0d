"""Owns the way from a committed event to Kafka: at once after our own commit, by a sweep for what others left.

A relay may be killed anywhere and run beside others: see the promise in `kit.kafka.pending`. While Kafka is away it
holds nothing in memory, tries again with pauses, and says so once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from prometheus_client import Counter, Gauge

from kit import failpoints
from kit.kafka.pending import Pending, PendingEvents, WakeUp
from kit.kafka.publisher import Publisher
from kit.resilience import backoff
from kit.resilience.outage import is_outage
from kit.telemetry import children, logger

_SENT = children(Counter("outbox_sent_total", "Events sent and marked.", ["store"]))
_FAILURES = children(Counter("outbox_failures_total", "Attempts to send that failed.", ["store"]))
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

    async def run(self) -> None:
        """Runs until cancelled."""
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
                await self._deliver(events)
            if len(events) < self._options.batch:
                break
        _OLDEST(self._store).set(await self._pending.oldest_age_seconds())

    async def _deliver(self, events: Sequence[Pending]) -> None:
        if not events:
            return
        await self._publisher.publish([pending.event for pending in events])
        await failpoints.reach("relay.after_send")
        await failpoints.reach("relay.before_mark")
        await self._pending.mark_sent(events)
        _SENT(self._store).inc(len(events))

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
