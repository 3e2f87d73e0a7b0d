"""What is due is done, soon, and an outage only delays it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from kit.errors import unavailable
from subgraphs.notification.domain.notifications import Filter
from subgraphs.notification.service.ports import Effect
from subgraphs.notification.service.schedule import Schedule, Waking
from tests.testkit.conditions import eventually
from tests.testkit.notification.fakes import memory_stores
from tests.testkit.notification.samples import BOB, NOW, ManualClock, cause, notification


class Counting:
    """A job with so much to do."""

    def __init__(self, left: int = 0, failures: int = 0) -> None:
        self.left = left
        self.failures = failures
        self.rounds = 0

    async def round(self, now: datetime, limit: int) -> int:
        self.rounds += 1
        if self.failures:
            self.failures -= 1
            raise unavailable("down")
        done = min(self.left, limit)
        self.left -= done
        return done

    async def next_due(self) -> datetime | None:
        return None


async def test_a_snoozed_notification_comes_back_when_it_is_due_and_not_earlier() -> None:
    stores, clock = memory_stores(), ManualClock()
    told = notification(BOB)
    await stores.ledger.apply(cause(), Effect(notifications=(told,)))
    await stores.inboxes.snooze(BOB, told.id, NOW + timedelta(hours=1), NOW)
    waking = Waking(stores.inboxes)
    assert await waking.round(clock.now(), 10) == 0
    assert await waking.next_due() == NOW + timedelta(hours=1)
    clock.advance(timedelta(hours=1))
    assert await waking.round(clock.now(), 10) == 1
    assert await waking.next_due() is None
    [entry] = await stores.inboxes.page(BOB, Filter(unread=True), limit=10, before=None)
    assert entry.notification == told


@pytest.mark.parametrize("job", [Counting(left=250), Counting(left=1, failures=2)])
async def test_works_until_nothing_is_left_and_through_an_outage(job: Counting) -> None:
    schedule = Schedule([job], ManualClock(), longest_sleep=0.01)
    running = asyncio.create_task(schedule.run())
    await eventually(lambda: job.left == 0)
    running.cancel()
    assert job.rounds >= 3


async def test_a_ring_ends_the_sleep() -> None:
    job = Counting()
    schedule = Schedule([job], ManualClock(), longest_sleep=3600)
    running = asyncio.create_task(schedule.run())
    await eventually(lambda: job.rounds == 1)
    job.left = 1
    schedule.ring()
    await eventually(lambda: job.left == 0)
    running.cancel()
