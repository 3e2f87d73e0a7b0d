"""Sends what is due. A server that is down delays mails and never loses one; a mail that was sent is not sent again,
unless a crash fell between the server's yes and our note of it, and then with the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from opentelemetry.trace import SpanKind

from kit.clock import Clock
from kit.failpoints import reach
from kit.resilience import backoff
from kit.telemetry import logger, span
from subgraphs.notification.domain.deliveries import Claim
from subgraphs.notification.service.ports import (
    Counter,
    Deliveries,
    MailDeferred,
    Mailer,
    MailRefused,
    MailServerDown,
)

LEASE = timedelta(seconds=20)
"""How long a claim holds. Twice what one mail may take, so that whoever still holds it can write its outcome."""

_BATCH = 20
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_log = logger("deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One round after the other: claim what is due, open the server, hand over, note the outcome."""

    deliveries: Deliveries
    mailer: Mailer
    clock: Clock

    async def round(self) -> int:
        """Tries what is due once and says how many it claimed.

        Raises:
            MailServerDown: after everything untried was given back.
        """
        claims = await self.deliveries.claim(self.clock.now(), LEASE, _BATCH)
        if claims:
            left = list(claims)
            try:
                async with self.mailer.open() as counter:
                    await self._hand_over(left, counter)
            finally:
                await self.deliveries.release(left, self.clock.now())
        return len(claims)

    async def _hand_over(self, left: list[Claim], counter: Counter) -> None:
        """Takes claims off the list as it tries them, and stops when a slow server has used up half of the lease."""
        while left and self.clock.now() < left[0].until - LEASE / 2:
            claim = left.pop(0)
            with span("send mail", kind=SpanKind.CLIENT, parent=claim.traceparent):
                await self._try(claim, counter)

    async def _try(self, claim: Claim, counter: Counter) -> None:
        try:
            await counter.hand_over(claim.delivery)
        except MailRefused as refusal:
            _log.warning("mail refused", delivery=str(claim.delivery.id), reason=str(refusal))
            await self.deliveries.refuse(claim, self.clock.now(), str(refusal))
        except (MailDeferred, MailServerDown) as failure:
            until = self.clock.now() + timedelta(seconds=backoff(claim.attempts, _FIRST_WAIT, _LONGEST_WAIT))
            _log.warning("mail put off", delivery=str(claim.delivery.id), reason=str(failure), until=until.isoformat())
            await self.deliveries.put_off(claim, until, str(failure))
            if isinstance(failure, MailServerDown):
                raise
        else:
            await reach("notification.mail_before_mark")
            await self.deliveries.mark_sent(claim, self.clock.now())


class Courier:
    """Keeps senders at work until it is stopped; a round that has begun is finished first."""

    def __init__(self, senders: Sequence[Sender], idle: timedelta, longest_pause: timedelta) -> None:
        self._senders = senders
        self._idle = idle.total_seconds()
        self._longest_pause = longest_pause.total_seconds()
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

    async def _work(self, sender: Sender) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                worked = await sender.round()
            except Exception as failure:
                failures += 1
                if failures == 1:
                    _log.warning("mail waits", reason=f"{type(failure).__name__}: {failure}"[:200])
                # Not ended by the bell: new mail is no reason to press a server that is down.
                await _within(self._stopped, min(self._idle * 2 ** min(failures - 1, 10), self._longest_pause))
            else:
                if failures:
                    _log.info("mail goes on", failures=failures)
                failures = 0
                if not worked and await _within(self._bell, self._idle):
                    self._bell.clear()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came in time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
