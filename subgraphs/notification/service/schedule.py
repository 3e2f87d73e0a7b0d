"""Does what is due by the clock, in bounded rounds, however many processes do it at once and whenever one is killed:
what is due stands in the store, and doing it takes it away in the same commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kit.clock import Clock
from kit.errors import DomainError
from kit.telemetry import logger
from subgraphs.notification.service.ports import Inboxes

_ROUND = 100
_log = logger("schedule")


class Job(Protocol):
    """One kind of thing that becomes due."""

    async def round(self, now: datetime, limit: int) -> int:
        """Does up to so many of what is due and says how many it did."""
        ...

    async def next_due(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Waking:
    """Brings back what was snoozed until now."""

    inboxes: Inboxes

    async def round(self, now: datetime, limit: int) -> int:
        due = await self.inboxes.due_back(now, limit)
        for user_id, notification_id in due:
            await self.inboxes.bring_back(user_id, notification_id, now)
        return len(due)

    async def next_due(self) -> datetime | None:
        return await self.inboxes.next_due_back()


class Schedule:
    """Keeps jobs at work. Sleeps until the next one is due, and looks up now and then for what others have set."""

    def __init__(self, jobs: Sequence[Job], clock: Clock, longest_sleep: float, shortest_sleep: float = 0.2) -> None:
        self._jobs = jobs
        self._clock = clock
        self._longest_sleep = longest_sleep
        self._shortest_sleep = shortest_sleep
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Says that something may be due earlier than was known."""
        self._bell.set()

    async def run(self) -> None:
        """Runs until cancelled; a store that is away is waited for."""
        while True:
            self._bell.clear()
            try:
                seconds = await self._work()
            except DomainError as failure:
                _log.warning("what is due waits", reason=failure.message)
                seconds = self._longest_sleep
            await self._sleep(seconds)

    async def _work(self) -> float:
        """Does all that is due and says for how long there is nothing to do."""
        for job in self._jobs:
            done = _ROUND
            while done == _ROUND:
                done = await job.round(self._clock.now(), _ROUND)
        known = [due for job in self._jobs if (due := await job.next_due()) is not None]
        if not known:
            return self._longest_sleep
        left = (min(known) - self._clock.now()).total_seconds()
        return min(max(left, self._shortest_sleep), self._longest_sleep)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            pass
