"""The running process under faults: once whatever happens, late rather than lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.ids import new_id
from proto.events import NotificationCreated
from scripts.engines.smtp import SmtpSink
from tests.testkit.notification.payloads import alerted, created, moved, task_entity
from tests.testkit.notification.process import Surroundings, surroundings

OUT = NotificationCreated.TOPIC
LEASED_SECONDS = 45  # what a killed sender had claimed comes again after its lease

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
async def around(mongo_url: str, kafka_bootstrap: str, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(mongo_url, kafka_bootstrap, tmp_path) as opened:
        yield opened


class TestOnce:
    async def test_an_event_that_comes_often_to_two_processes_has_one_effect(
        self, around: Surroundings, smtp_sink: SmtpSink
    ) -> None:
        ada, bob = around.auth.add("ada"), around.auth.add("bob")
        first = await around.start(smtp_url=smtp_sink.url)
        await around.start(smtp_url=smtp_sink.url)
        task = task_entity(ada, bob)
        event_id, alert_id = new_id(), new_id()
        async with around.reading(OUT) as out:
            # Under other keys as well, so that both processes get it at the same time.
            for key in (task.id, *(new_id() for _ in range(5))):
                await around.publish(created(task), key, event_id)
                await around.publish(alerted(task, bob), key, alert_id)
            last = await around.publish(moved(task, ada), task.id)
            assert last
            await out.until(bob, 3)
        seen = await first.inbox(bob)
        assert sorted(node["category"] for node in seen["notifications"]["nodes"]) == [
            "sla.reminder",
            "task.assigned",
            "task.status",
        ]
        assert seen["unreadCount"] == 3
        told = {NotificationCreated.decode(record.value or b"").notification.id for record in out.of(bob)}
        assert len(told) == 3
        counts = [NotificationCreated.decode(record.value or b"").unread_count for record in out.of(bob)]
        assert counts == sorted(counts)
        mails = await smtp_sink.wait_for(1, to=around.auth.email(bob))
        assert len({mail.message_id for mail in mails}) == 1

    @pytest.mark.parametrize(
        "failpoint", ["notification.before_commit", "outbox.after_commit", "consumer.after_effect", "relay.before_mark"]
    )
    async def test_a_kill_on_the_way_of_an_event_repeats_nothing(
        self, around: Surroundings, smtp_sink: SmtpSink, failpoint: str
    ) -> None:
        ada, bob = around.auth.add("ada"), around.auth.add("bob")
        doomed = await around.start(smtp_url=smtp_sink.url, failpoints=f"{failpoint}=exit@1")
        task = task_entity(ada, bob)
        async with around.reading(OUT) as out:
            await around.publish(alerted(task, bob), task.id)
            assert await doomed.died() == 137
            successor = await around.start(smtp_url=smtp_sink.url)
            await around.publish(created(task), task.id)
            nodes = await successor.inbox_with(bob, 2)
            assert [node["category"] for node in nodes] == ["task.assigned", "sla.reminder"]
            await out.until(bob, 2)
        told = [NotificationCreated.decode(record.value or b"").notification.id for record in out.of(bob)]
        assert [str(id_) for id_ in dict.fromkeys(told)] == [node["id"] for node in reversed(nodes)]
        assert (await successor.inbox(bob))["unreadCount"] == 2
        mails = await smtp_sink.wait_for(1, to=around.auth.email(bob), seconds=LEASED_SECONDS)
        assert len({mail.message_id for mail in mails}) == 1

    async def test_a_kill_between_send_and_mark_repeats_the_message_id_and_nothing_else(
        self, around: Surroundings, smtp_sink: SmtpSink
    ) -> None:
        bob = around.auth.add("bob")
        doomed = await around.start(smtp_url=smtp_sink.url, failpoints="notification.mail_before_mark=exit@1")
        task = task_entity(new_id(), bob)
        await around.publish(alerted(task, bob), task.id)
        assert await doomed.died() == 137
        await around.start(smtp_url=smtp_sink.url)
        mails = await smtp_sink.wait_for(2, to=around.auth.email(bob), seconds=LEASED_SECONDS)
        assert len({mail.message_id for mail in mails}) == 1
        assert mails[0].content == mails[1].content


class TestMail:
    async def test_a_server_that_is_down_delays_and_loses_nothing(self, around: Surroundings) -> None:
        away = SmtpSink()
        bob = around.auth.add("bob")
        instance = await around.start(smtp_url=away.url)
        tasks = [task_entity(new_id(), bob, key=f"ENG-{number}") for number in range(5)]
        for task in tasks:
            await around.publish(alerted(task, bob), task.id)
        await instance.inbox_with(bob, 5)
        with away:
            mails = await away.wait_for(5, to=around.auth.email(bob), seconds=30)
            assert len({mail.message_id for mail in mails}) == len(mails) == 5
