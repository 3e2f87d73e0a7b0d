"""Sends what is due. A provider that is down delays deliveries and never loses one; what was sent is not sent again,
unless a crash fell between the provider's yes and our note of it, and then under the same id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol

from opentelemetry.trace import SpanKind

from kit.clock import Clock
from kit.failpoints import reach
from kit.resilience import backoff
from kit.telemetry import logger, span
from subgraphs.notification.domain.deliveries import Claim
from subgraphs.notification.service.ports import (
    Counter,
    Deliveries,
    DeliveryDeferred,
    DeliveryRefused,
    DeliveryT,
    Provider,
    ProviderDown,
)

LEASE = timedelta(seconds=20)
"""How long a claim holds. Twice what one delivery may take, so that whoever still holds it can write its outcome."""

_BATCH = 20
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_LONGEST_ASKED = timedelta(hours=1)
_SHORTEST_IDLE = 0.05
_log = logger("deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender(Generic[DeliveryT]):
    """One round after the other: claim what is due, open the provider, hand over, note the outcome. `kind` is mail or
    push, as failpoints and traces call it.
    """

    kind: str
    deliveries: Deliveries[DeliveryT]
    provider: Provider[DeliveryT]
    clock: Clock

    async def round(self) -> int:
        """Tries what is due once and says how many it claimed.

        Raises:
            ProviderDown: after everything untried was given back.
        """
        claims = await self.deliveries.claim(self.clock.now(), LEASE, _BATCH)
        if claims:
            left = list(claims)
            try:
                async with self.provider.open() as counter:
                    await self._hand_over(left, counter)
            finally:
                await self.deliveries.release(left, self.clock.now())
        return len(claims)

    async def idle_until(self) -> datetime | None:
        return await self.deliveries.next_due()

    async def _hand_over(self, left: list[Claim[DeliveryT]], counter: Counter[DeliveryT]) -> None:
        """Takes claims off the list as it tries them, and stops when a slow server has used up half of the lease."""
        while left and self.clock.now() < left[0].until - LEASE / 2:
            claim = left.pop(0)
            with span(f"send {self.kind}", kind=SpanKind.CLIENT, parent=claim.traceparent):
                await self._try(claim, counter)

    async def _try(self, claim: Claim[DeliveryT], counter: Counter[DeliveryT]) -> None:
        try:
            await counter.hand_over(claim.delivery)
        except DeliveryRefused as refusal:
            _log.warning(f"{self.kind} refused", delivery=str(claim.delivery.id), reason=str(refusal))
            await self.deliveries.refuse(claim, self.clock.now(), str(refusal))
        except (DeliveryDeferred, ProviderDown) as failure:
            now = self.clock.now()
            until = now + self._wait(claim, failure)
            _log.warning(
                f"{self.kind} put off", delivery=str(claim.delivery.id), reason=str(failure), until=until.isoformat()
            )
            await self.deliveries.put_off(claim, now, until, str(failure))
            if isinstance(failure, ProviderDown):
                raise
        else:
            await reach(f"notification.{self.kind}_before_mark")
            await self.deliveries.mark_sent(claim, self.clock.now())

    def _wait(self, claim: Claim[DeliveryT], failure: DeliveryDeferred | ProviderDown) -> timedelta:
        """Ours, or the provider's where that is longer; one that asks for too much is tried all the same."""
        ours = timedelta(seconds=backoff(claim.attempts, _FIRST_WAIT, _LONGEST_WAIT))
        asked = failure.wait if isinstance(failure, DeliveryDeferred) else timedelta(0)
        return max(ours, min(asked, _LONGEST_ASKED))


class Work(Protocol):
    """What the courier needs of a sender."""

    @property
    def clock(self) -> Clock: ...

    async def round(self) -> int: ...

    async def idle_until(self) -> datetime | None: ...


class Courier:
    """Keeps the senders of one provider at work until it is stopped; a round that has begun is finished first.

    While nothing is due they sleep until something will be, or the bell rings; and look up after `idle` all the same,
    for what another process left.
    """

    def __init__(self, senders: Sequence[Work], idle: timedelta, first_pause: timedelta, longest: timedelta) -> None:
        self._senders = senders
        self._idle = idle.total_seconds()
        self._first_pause = first_pause.total_seconds()
        self._longest_pause = longest.total_seconds()
        self._bell = asyncio.Event()
        self._stopped = asyncio.Event()

    def ring(self) -> None:
        """Says that something is due, so that nobody waits out the idle time."""
        self._bell.set()

    def stop(self) -> None:
        self._stopped.set()
        self._bell.set()

    async def run(self) -> None:
        """Returns after `stop`, when the last round has ended."""
        await asyncio.gather(*(self._work(sender) for sender in self._senders))

    async def _work(self, sender: Work) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                idle = 0.0 if await sender.round() else await self._idle_seconds(sender)
            except Exception as failure:
                failures += 1
                if failures == 1:
                    _log.warning("deliveries wait", reason=f"{type(failure).__name__}: {failure}"[:200])
                # Not ended by the bell: new deliveries are no reason to press a provider that is down.
                pause = self._first_pause * 2 ** min(failures - 1, 10)
                await _within(self._stopped, min(pause, self._longest_pause))
            else:
                if failures:
                    _log.info("deliveries go on", failures=failures)
                failures = 0
                if idle and await _within(self._bell, idle):
                    self._bell.clear()

    async def _idle_seconds(self, sender: Work) -> float:
        due = await sender.idle_until()
        if due is None:
            return self._idle
        left = (due - sender.clock.now()).total_seconds()
        return min(max(left, _SHORTEST_IDLE), self._idle)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came in time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
