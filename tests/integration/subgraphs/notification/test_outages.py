"""Engines that die under the running process: late, once, and without a hand on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from kit.ids import new_id
from proto.events import NotificationCreated
from scripts.engines.run import EngineSet
from scripts.engines.smtp import SmtpSink
from tests.testkit.notification.payloads import alerted, task_entity
from tests.testkit.notification.process import Surroundings, surroundings

OUT = NotificationCreated.TOPIC


@pytest.fixture
async def around(private_engines: EngineSet, tmp_path: Path) -> AsyncIterator[Surroundings]:
    await asyncio.to_thread(private_engines.start_all, ["mongo", "kafka"])
    mongo_url = private_engines.environment("mongo")["TASKFLOW_MONGO_URL"]
    kafka = private_engines.environment("kafka")["TASKFLOW_KAFKA_BOOTSTRAP"]
    async with surroundings(mongo_url, kafka, tmp_path) as opened:
        yield opened


@pytest.mark.timeout(180)
async def test_a_database_that_is_killed_between_events_and_comes_back(
    around: Surroundings, smtp_sink: SmtpSink, private_engines: EngineSet
) -> None:
    bob = around.auth.add("bob")
    instance = await around.start(smtp_url=smtp_sink.url)
    mongo = private_engines.server("mongo")
    async with around.reading(OUT) as out:
        await _alert(around, bob, 5)
        await asyncio.to_thread(mongo.kill)
        await _alert(around, bob, 5)
        await asyncio.to_thread(mongo.restart)
        await _alert(around, bob, 5)
        nodes = await instance.inbox_with(bob, 15, seconds=90)
        await out.until(bob, 15, seconds=60)
    assert len(nodes) == 15
    assert (await instance.inbox(bob))["unreadCount"] == 15
    told = [NotificationCreated.decode(record.value or b"") for record in out.of(bob)]
    first = {one.notification.id: one.unread_count for one in reversed(told)}
    assert sorted(first.values()) == list(range(1, 16))
    mails = await smtp_sink.wait_for(15, to=around.auth.email(bob), seconds=60)
    assert len({mail.message_id for mail in mails}) == 15


async def _alert(around: Surroundings, user_id: UUID, count: int) -> None:
    for _ in range(count):
        task = task_entity(new_id(), user_id)
        await around.publish(alerted(task, user_id), task.id)
