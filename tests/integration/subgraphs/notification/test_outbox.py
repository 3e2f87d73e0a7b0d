"""Pending events come in the order of their inbox, are held by one sweep at a time, and go when they were sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kit.kafka import Pending
from proto.events import NotificationCreated
from subgraphs.notification.events.published import notification_created
from subgraphs.notification.service.ports import Effect
from subgraphs.notification.store.documents import prepare
from subgraphs.notification.store.ledger import MongoLedger
from subgraphs.notification.store.mongo import Client, connected
from subgraphs.notification.store.outbox import MongoPendingNotifications
from subgraphs.notification.store.transactions import transactions
from tests.testkit.notification.samples import ManualClock, cause, notification


@dataclass
class Box:
    """A ledger and two relays' view of what it left behind."""

    client: Client
    database: str
    clock: ManualClock
    ledger: MongoLedger

    def relay(self) -> MongoPendingNotifications:
        return MongoPendingNotifications(self.client, notification_created, self.clock, self.database)

    async def fill(self, user_id: UUID, count: int) -> list[UUID]:
        made = [notification(user_id) for _ in range(count)]
        for one in made:
            await self.ledger.apply(cause(), Effect(notifications=(one,)))
        return [one.id for one in made]


@pytest.fixture
async def box(mongo_url: str, mongo_database: str) -> AsyncIterator[Box]:
    async with connected(mongo_url) as client:
        await prepare(client, mongo_database)
        async with transactions(client, 4, mongo_database) as sessions:
            clock = ManualClock()
            yield Box(client, mongo_database, clock, MongoLedger(sessions, clock, _nobody_listens))


async def _nobody_listens(_: Effect) -> None:
    return None


def told(events: list[Pending], user_id: UUID) -> list[tuple[UUID, int]]:
    payloads = [NotificationCreated.decode(one.event.data) for one in events if one.event.subject == str(user_id)]
    return [(payload.notification.id, payload.unread_count) for payload in payloads]


async def test_each_inbox_comes_in_order_with_its_counts(box: Box) -> None:
    ada, bob = uuid4(), uuid4()
    of_ada, of_bob = await box.fill(ada, 2), await box.fill(bob, 3)
    events = list(await box.relay().of([ada, bob, uuid4()]))
    assert told(events, ada) == list(zip(of_ada, (1, 2), strict=True))
    assert told(events, bob) == list(zip(of_bob, (1, 2, 3), strict=True))


async def test_what_was_sent_does_not_come_again(box: Box) -> None:
    bob = uuid4()
    ids = await box.fill(bob, 3)
    relay = box.relay()
    events = list(await relay.of([bob]))
    await relay.mark_sent(events[:1])
    await relay.mark_sent(events[:1])
    assert [id_ for id_, _ in told(list(await relay.of([bob])), bob)] == ids[1:]


async def test_an_event_is_the_same_each_time_it_is_read(box: Box) -> None:
    bob = uuid4()
    await box.fill(bob, 1)
    assert await box.relay().of([bob]) == await box.relay().of([bob])


async def test_a_sweep_takes_the_whole_of_an_inbox_that_waits_too_long(box: Box) -> None:
    bob, eve = uuid4(), uuid4()
    of_bob = await box.fill(bob, 1)
    box.clock.advance(timedelta(seconds=5))
    of_bob += await box.fill(bob, 1)
    await box.fill(eve, 1)
    async with box.relay().left_behind(100, 2.0) as events:
        assert [id_ for id_, _ in told(list(events), bob)] == of_bob
        assert told(list(events), eve) == []
    assert await box.relay().oldest_age_seconds() == 5.0


async def test_one_sweep_at_a_time_and_the_next_after_it(box: Box) -> None:
    await box.fill(uuid4(), 1)
    box.clock.advance(timedelta(seconds=5))
    first, second = box.relay(), box.relay()
    async with first.left_behind(100, 1.0) as held, second.left_behind(100, 1.0) as nothing:
        assert (len(held), len(nothing)) == (1, 0)
    box.clock.advance(timedelta(milliseconds=1))
    async with second.left_behind(100, 1.0) as taken:
        assert len(taken) == 1


async def test_a_sweep_that_died_is_followed_by_another(box: Box) -> None:
    await box.fill(uuid4(), 1)
    box.clock.advance(timedelta(seconds=5))
    dead = box.relay().left_behind(100, 1.0)
    assert len(await dead.__aenter__()) == 1
    box.clock.advance(timedelta(seconds=20))
    async with box.relay().left_behind(100, 1.0) as events:
        assert len(events) == 1
    await dead.__aexit__(None, None, None)


async def test_nothing_waits_in_an_empty_store(box: Box) -> None:
    assert await box.relay().oldest_age_seconds() == 0.0
    async with box.relay().left_behind(100, 0.0) as events:
        assert list(events) == []
