"""A digest a day, of what is unread, for who asked for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import DomainError, unavailable
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.service.digests import DigestMaking
from subgraphs.notification.service.ports import Effect
from tests.testkit.notification.fakes import PlainLetters, ScriptedDirectory, Stores, memory_stores
from tests.testkit.notification.samples import BOB, EVE, NOW, cause, notification, profile
from tests.testkit.notification.suites import LEASE

ZONE = profile(BOB, "Bob").zone()
MORNING = datetime(2026, 11, 25, 7, tzinfo=UTC)  # 08:00 in Berlin


class Desk:
    """Bob, who asked for a digest at eight, and what makes it."""

    def __init__(self) -> None:
        self.stores: Stores = memory_stores()
        self.directory = ScriptedDirectory({BOB: profile(BOB, "Bob")})
        self.rung = 0
        self.making = DigestMaking(
            digests=self.stores.digests,
            inboxes=self.stores.inboxes,
            profiles=self.stores.profiles,
            directory=self.directory,
            letters=PlainLetters(),
            queued=self.ring,
        )

    def ring(self) -> None:
        self.rung += 1

    async def subjects(self, now: datetime) -> list[str]:
        claims = await self.stores.deliveries.claim(now, LEASE, 50)
        return [claim.delivery.letter.subject for claim in claims]

    async def tell(self, count: int) -> None:
        for _ in range(count):
            await self.stores.ledger.apply(cause(), Effect(notifications=(notification(BOB),)))


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    await made.stores.preferences.change(BOB, lambda current: current.digest_from(8, NOW, ZONE))
    return made


async def test_sums_up_at_its_hour_and_not_earlier(desk: Desk) -> None:
    await desk.tell(2)
    assert await desk.making.next_due() == MORNING
    assert await desk.making.round(MORNING - timedelta(seconds=1), 10) == 0
    assert await desk.making.round(MORNING, 10) == 1
    assert await desk.making.round(MORNING, 10) == 0
    assert await desk.subjects(MORNING) == ["2 unread"]
    assert desk.rung == 1


async def test_says_nothing_when_nothing_came_since_the_last_one(desk: Desk) -> None:
    await desk.tell(1)
    days = [MORNING + timedelta(days=number) for number in range(3)]
    await desk.making.round(days[0], 10)
    await desk.making.round(days[1], 10)
    await desk.tell(1)
    await desk.making.round(days[2], 10)
    assert await desk.subjects(days[2]) == ["1 unread", "2 unread"]
    await desk.stores.inboxes.mark_all_read(BOB, days[2])
    assert await desk.making.round(days[2] + timedelta(days=1), 10) == 1
    assert desk.rung == 2


async def test_days_of_outage_become_one_digest_with_the_id_of_its_day(desk: Desk) -> None:
    await desk.tell(1)
    late = MORNING + timedelta(days=3, hours=2)
    assert await desk.making.round(late, 10) == 1
    assert await desk.making.round(late, 10) == 0
    [claim] = await desk.stores.deliveries.claim(late, LEASE, 10)
    assert claim.delivery.category is Category.DIGEST
    assert await desk.making.next_due() == MORNING + timedelta(days=4)


async def test_an_outage_of_auth_delays_it(desk: Desk) -> None:
    await desk.tell(1)
    desk.directory.failure = unavailable("down")
    with pytest.raises(DomainError):
        await desk.making.round(MORNING, 10)
    desk.directory.failure = None
    assert await desk.making.round(MORNING, 10) == 1
    assert desk.rung == 1


async def test_one_that_fails_does_not_hold_up_the_others(desk: Desk) -> None:
    await desk.tell(1)
    await desk.stores.preferences.change(EVE, lambda current: current.digest_from(0, NOW, UTC))
    desk.directory.people[EVE] = profile(EVE, "Eve")

    class Broken(PlainLetters):
        def digest(self, entries: object, unread: int, reader: object) -> object:  # type: ignore[override]
            if unread == 2:
                raise RuntimeError("a fault of ours")
            return super().digest(entries, unread, reader)  # type: ignore[arg-type]

    for _ in range(2):
        await desk.stores.ledger.apply(cause(), Effect(notifications=(notification(EVE),)))
    broken = DigestMaking(
        digests=desk.stores.digests,
        inboxes=desk.stores.inboxes,
        profiles=desk.stores.profiles,
        directory=desk.directory,
        letters=Broken(),  # type: ignore[arg-type]
        queued=desk.ring,
    )
    assert await broken.round(MORNING, 10) == 1
    assert await desk.subjects(MORNING) == ["1 unread"]
    assert await desk.making.round(MORNING, 10) == 1


async def test_who_does_not_exist_any_more_gets_none_from_then_on(desk: Desk) -> None:
    del desk.directory.people[BOB]
    assert await desk.making.round(MORNING, 10) == 1
    assert await desk.making.next_due() is None
