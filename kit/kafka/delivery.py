"""Owns the attempts to process one record: tried again while that can help, then set aside; it ends in one of both.

An outage of what the handler needs is waited out for long (events are late, not lost); a lost race, a hanging handler
or a fault of ours gets a few attempts; a refusal gets none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from kit import failpoints
from kit.clock import Clock
from kit.errors import DomainError
from kit.kafka.dead_letters import DeadLetters, Failure
from kit.kafka.envelope import Envelope
from kit.resilience import Deadline, backoff
from kit.resilience.outage import is_outage, is_race
from kit.telemetry import LATENCY_BUCKETS, children, logger, span

Handler = Callable[[Envelope], Awaitable[None]]
"""Applies one event. Must be idempotent: the same event may come again."""

_HANDLED = children(Counter("consumer_events_total", "Events by how they ended.", ["group", "topic", "outcome"]))
_RETRIED = children(Counter("consumer_retries_total", "Attempts that will be repeated.", ["group", "topic", "cause"]))
_DURATION = children(
    Histogram("consumer_handle_seconds", "Time of one attempt.", ["group", "topic"], buckets=LATENCY_BUCKETS)
)
_AGE = children(
    Histogram(
        "consumer_event_age_seconds",
        "From the event's time to its effect.",
        ["group", "topic"],
        buckets=LATENCY_BUCKETS,
    )
)

_log = logger("consumer")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """How long and how often."""

    handler_seconds: float = 10.0
    attempts: int = 4
    outage_seconds: float | None = 900.0
    longest_pause_seconds: float = 5.0


class Delivery:
    """Delivers the records of one group to its handlers."""

    def __init__(
        self,
        group: str,
        handlers: Mapping[str, Handler],
        dead_letters: DeadLetters,
        clock: Clock,
        options: DeliveryOptions,
    ) -> None:
        self._group = group
        self._handlers = handlers
        self._dead_letters = dead_letters
        self._clock = clock
        self._options = options
        self._away: set[str] = set()

    async def deliver(self, record: Any, slots: asyncio.Semaphore) -> None:
        """Returns when the record's event was applied or its dead letter is safe."""
        try:
            event = Envelope.read(record.headers, record.value)
        except DomainError as error:
            now = self._clock.now()
            await self._set_aside(record, Failure(error=error, attempts=1, first=now, last=now))
            return
        failure = await self._try(record.topic, event, slots)
        if failure is None:
            _HANDLED(self._group, record.topic, "applied").inc()
            _AGE(self._group, record.topic).observe((self._clock.now() - event.time).total_seconds())
        else:
            await self._set_aside(record, failure)

    async def _try(self, topic: str, event: Envelope, slots: asyncio.Semaphore) -> Failure | None:
        began, first = monotonic(), self._clock.now()
        attempt = faults = 0
        while True:
            attempt += 1
            async with slots:
                error = await self._attempt(topic, event)
            if error is None:
                self._back(topic)
                return None
            outage = is_outage(error) and not isinstance(error, _Hung)
            faults += not outage
            if not self._worth_trying(error, outage, faults, monotonic() - began):
                return Failure(error=error, attempts=attempt, first=first, last=self._clock.now())
            cause = "outage" if outage else "race" if is_race(error) else "fault"
            _RETRIED(self._group, topic, cause).inc()
            if outage:
                self._gone(topic, error)
            await asyncio.sleep(backoff(attempt, longest=self._options.longest_pause_seconds))

    def _worth_trying(self, error: Exception, outage: bool, faults: int, spent: float) -> bool:
        if outage:
            return self._options.outage_seconds is None or spent < self._options.outage_seconds
        if isinstance(error, DomainError) and not is_race(error) and not isinstance(error, _Hung):
            return False
        return faults < self._options.attempts

    async def _attempt(self, topic: str, event: Envelope) -> Exception | None:
        began = monotonic()
        attributes = {"messaging.destination.name": topic, "messaging.consumer.group.name": self._group}
        with span(f"process {topic}", kind=SpanKind.CONSUMER, parent=event.traceparent, attributes=attributes):
            try:
                async with asyncio.timeout(self._options.handler_seconds) as limit:
                    with Deadline.after(self._options.handler_seconds).scope():
                        await self._handlers[topic](event)
                await failpoints.reach("consumer.after_effect")
            except TimeoutError as error:
                return _Hung() if limit.expired() else error
            except Exception as error:
                return error
            finally:
                _DURATION(self._group, topic).observe(monotonic() - began)
        return None

    async def _set_aside(self, record: Any, failure: Failure) -> None:
        """Does not give up: as long as there is no dead letter the record must not count as done."""
        attempt = 0
        while True:
            try:
                await self._dead_letters.put(record, failure)
                break
            except Exception as error:
                attempt += 1
                if attempt == 1:
                    _log.error("dead letter cannot be written", topic=record.topic, reason=str(error)[:200])
                await asyncio.sleep(backoff(attempt, longest=self._options.longest_pause_seconds))
        _HANDLED(self._group, record.topic, "dead_letter").inc()
        _log.error(
            "event set aside",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            code=failure.code,
            reason=failure.reason,
            attempts=failure.attempts,
            exc_info=None if isinstance(failure.error, DomainError) else failure.error,
        )

    def _gone(self, topic: str, error: Exception) -> None:
        if topic not in self._away:
            self._away.add(topic)
            _log.warning("events wait", group=self._group, topic=topic, reason=f"{type(error).__name__}: {error}"[:200])

    def _back(self, topic: str) -> None:
        if topic in self._away:
            self._away.discard(topic)
            _log.info("events are processed again", group=self._group, topic=topic)


class _Hung(DomainError):
    """The handler did not come back."""

    def __init__(self) -> None:
        error = DomainError.of("TIMEOUT", "The handler did not end in time.")
        super().__init__(error.kind, error.code, error.message)
