"""Mail is delayed, never lost, and never sent twice by a sender that lives."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from subgraphs.notification.domain.deliveries import Delivery
from subgraphs.notification.service.deliveries import LEASE, Courier, Sender
from subgraphs.notification.service.ports import DeliveryDeferred, DeliveryRefused, Effect, ProviderDown
from tests.testkit.conditions import eventually
from tests.testkit.notification.fakes import ScriptedMailer, Stores, memory_stores
from tests.testkit.notification.samples import NOW, ManualClock, cause, delivery


class Office:
    """A sender on stores, a server and a clock that a test can turn."""

    def __init__(self) -> None:
        self.stores: Stores = memory_stores()
        self.mailer = ScriptedMailer()
        self.clock = ManualClock()
        self.sender = self.sender_to(self.mailer)

    def sender_to(self, server: ScriptedMailer) -> Sender[Delivery]:
        return Sender(kind="mail", deliveries=self.stores.deliveries, provider=server, clock=self.clock)

    async def queue(self, count: int) -> None:
        await self.stores.ledger.apply(cause(), Effect(deliveries=tuple(delivery() for _ in range(count))))


def patient(sender: Sender[Delivery]) -> Courier:
    """One that does nothing of its own accord within a test."""
    return Courier([sender], idle=timedelta(hours=1), first_pause=timedelta(hours=1), longest=timedelta(hours=1))


@pytest.fixture
def office() -> Office:
    return Office()


class TestRound:
    async def test_sends_each_once(self, office: Office) -> None:
        await office.queue(3)
        assert await office.sender.round() == 3
        assert await office.sender.round() == 0
        assert len({mail.message_id for mail in office.mailer.sent}) == len(office.mailer.sent) == 3

    async def test_a_server_that_is_down_costs_no_attempt(self, office: Office) -> None:
        await office.queue(2)
        office.mailer.down = True
        with pytest.raises(ProviderDown):
            await office.sender.round()
        office.mailer.down = False
        await office.sender.round()
        assert len(office.mailer.sent) == 2

    async def test_one_that_is_deferred_does_not_hold_up_the_rest(self, office: Office) -> None:
        await office.queue(3)
        office.mailer.answers = [DeliveryDeferred("451 later")]
        await office.sender.round()
        assert len(office.mailer.sent) == 2
        office.clock.advance(timedelta(seconds=2))
        await office.sender.round()
        assert len({mail.id for mail in office.mailer.sent}) == 3

    @pytest.mark.parametrize(("asked", "minutes"), [(timedelta(minutes=10), 10), (timedelta(days=9), 60)])
    async def test_a_provider_that_asks_for_time_gets_it_within_reason(
        self, office: Office, asked: timedelta, minutes: int
    ) -> None:
        await office.queue(1)
        office.mailer.answers = [DeliveryDeferred("429", asked)]
        await office.sender.round()
        assert await office.stores.deliveries.next_due() == NOW + timedelta(minutes=minutes)
        office.clock.advance(timedelta(minutes=minutes, seconds=-1))
        assert await office.sender.round() == 0
        office.clock.advance(timedelta(seconds=1))
        assert await office.sender.round() == 1

    async def test_one_that_is_refused_is_not_tried_again(self, office: Office) -> None:
        await office.queue(1)
        office.mailer.answers = [DeliveryRefused("550 no such user")]
        await office.sender.round()
        office.clock.advance(timedelta(days=1))
        assert await office.sender.round() == 0

    async def test_a_server_that_falls_silent_gives_the_rest_back(self, office: Office) -> None:
        await office.queue(3)
        office.mailer.answers = [None, ProviderDown("timed out")]
        with pytest.raises(ProviderDown):
            await office.sender.round()
        office.clock.advance(timedelta(seconds=2))
        await office.sender.round()
        assert len({mail.id for mail in office.mailer.sent}) == len(office.mailer.sent) == 3

    async def test_a_slow_server_never_outlasts_the_lease(self, office: Office) -> None:
        await office.queue(3)

        class SlowMailer(ScriptedMailer):
            async def hand_over(self, delivery: object) -> None:
                office.clock.advance(LEASE * 0.6)
                await super().hand_over(delivery)  # type: ignore[arg-type]

        slow = SlowMailer()
        sender = office.sender_to(slow)
        await sender.round()
        assert len(slow.sent) == 1
        await office.sender.round()
        assert len(office.mailer.sent) == 2


class TestCourier:
    async def test_keeps_trying_until_the_server_is_back(self, office: Office) -> None:
        await office.queue(2)
        office.mailer.down = True
        brief = timedelta(milliseconds=2)
        courier = Courier([office.sender], idle=brief, first_pause=brief, longest=brief * 4)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0)
        office.mailer.down = False
        await eventually(lambda: len(office.mailer.sent) == 2)
        courier.stop()
        await asyncio.wait_for(running, 1)

    async def test_a_ring_ends_the_wait(self, office: Office) -> None:
        courier = patient(office.sender)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0)
        await office.queue(1)
        courier.ring()
        await eventually(lambda: len(office.mailer.sent) == 1)
        courier.stop()
        await asyncio.wait_for(running, 1)

    async def test_wakes_by_itself_when_something_is_due(self, office: Office) -> None:
        soon = NOW + timedelta(milliseconds=20)
        await office.stores.ledger.apply(cause(), Effect(deliveries=(delivery(not_before=soon),)))
        courier = patient(office.sender)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0)
        office.clock.time = soon
        await eventually(lambda: len(office.mailer.sent) == 1)
        courier.stop()
        await asyncio.wait_for(running, 1)

    async def test_a_stop_lets_the_mail_at_hand_be_noted(self, office: Office) -> None:
        await office.queue(1)
        taken, go_on = asyncio.Event(), asyncio.Event()

        class HeldMailer(ScriptedMailer):
            async def hand_over(self, delivery: object) -> None:
                taken.set()
                await go_on.wait()
                await super().hand_over(delivery)  # type: ignore[arg-type]

        sender = office.sender_to(HeldMailer())
        courier = patient(sender)
        running = asyncio.create_task(courier.run())
        await taken.wait()
        courier.stop()
        go_on.set()
        await asyncio.wait_for(running, 1)
        office.clock.advance(timedelta(days=1))
        assert await office.sender.round() == 0
