"""What auth tells is applied once, in the commit of its effect; what cannot be read holds nobody up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kit.clock import SystemClock
from kit.ids import new_id
from kit.kafka import Consumer, Envelope, publisher
from kit.lifecycle import supervised
from proto.events import TOPICS, Payload, UserRegistered, UserUpdated, WorkspaceMemberChanged
from proto.events.entities import UserEntity
from subgraphs.task.events.consumed import handlers
from subgraphs.task.service.memberships import Memberships
from subgraphs.task.service.profiles import Profiles
from subgraphs.task.service.sla import Sla
from subgraphs.task.store.database import Database
from tests.integration.subgraphs.task.operations import fetch, publish, records_of
from tests.integration.subgraphs.task.process import task_process
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.fake_directory import FakeDirectory

pytestmark = pytest.mark.timeout(180)
CONSUMED = ("user-registered", "user.updated", "workspace.member.changed")


@asynccontextmanager
async def consuming(store: Database, bootstrap: str) -> AsyncIterator[str]:
    """The consumer under a group of its own, whose name it gives."""
    group = f"task-{new_id()}"
    directory = FakeDirectory()
    async with publisher([bootstrap], (), "test") as opened:
        consumer = Consumer(
            [bootstrap],
            group,
            handlers(
                Profiles(store, directory),
                Memberships(store, directory),
                Sla(store=store, clock=SystemClock(), new_id=new_id),
            ),
            opened,
        )
        async with supervised("consumer", consumer.run):
            yield group


def an_event(payload: Payload, key: object) -> Envelope:
    return Envelope.of(payload, source="auth", subject=key, tenant=None, time=datetime.now(UTC))


def a_membership(user_id: UUID, workspace_id: UUID, role: str | None, version: int) -> Envelope:
    changed = WorkspaceMemberChanged(
        workspace_id=workspace_id,
        workspace_name="Acme",
        user_id=user_id,
        role=role,
        version=version,
        actor_id=new_id(),
    )
    return an_event(changed, workspace_id)


def samples() -> dict[str, Envelope]:
    """A good event of each topic that is consumed."""
    user = UserEntity(id=new_id(), email="a@example.org", display_name="Ada", locale="en", time_zone="UTC", version=1)
    events = (
        an_event(UserRegistered(user=user), user.id),
        an_event(UserUpdated(user=user.model_copy(update={"version": 2})), user.id),
        a_membership(new_id(), new_id(), "member", 1),
    )
    return {event.type: event for event in events}


async def sent(bootstrap: str, event: Envelope, *, value: bytes | None = None) -> None:
    await publish(
        bootstrap,
        event.type,
        key=event.key,
        value=event.data if value is None else value,
        headers=list(event.headers()),
    )


async def applied(url: str, *events: Envelope) -> None:
    """Returns as soon as the inbox has the events."""
    ids = [event.id for event in events]
    async with asyncio.timeout(60):
        while True:
            rows = await fetch(url, "SELECT event_id FROM inbox WHERE event_id = ANY ($1::uuid[])", ids)
            if len(rows) == len(ids):
                return
            await asyncio.sleep(0.05)


async def test_a_poisonous_event_of_each_topic_is_set_aside_and_the_partition_goes_on(
    store: Database, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    good, junk = samples(), f"junk {new_id()}".encode()
    assert good.keys() == set(CONSUMED) <= TOPICS.keys()
    async with consuming(store, kafka_bootstrap) as group:
        for topic, event in good.items():
            # The same key, hence the same partition: the good one stands right behind the bad ones.
            poison = an_event(UserRegistered.decode(samples()["user-registered"].data), event.subject)
            await publish(kafka_bootstrap, topic, key=event.key, value=junk, headers=list(poison.headers()))
            await publish(kafka_bootstrap, topic, key=event.key, value=junk, headers=[])
            await sent(kafka_bootstrap, event)
        await applied(migrated.url, *good.values())
        for topic in good:
            letters = await records_of(kafka_bootstrap, [f"{topic}.{group}.dlq"])
            told = [dict(letter.headers) for letter in letters if letter.value == junk]
            assert [headers["dlq_code"] for headers in told] == [b"EVENT_MALFORMED", b"EVENT_MALFORMED"]
            assert topic.encode() in told[0]["dlq_reason"]
            assert b"ce_" in told[1]["dlq_reason"]


async def test_memberships_are_applied_by_version_in_whatever_order_they_come(
    store: Database, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    bob, workspace_id = new_id(), new_id()
    known = Memberships(store, FakeDirectory())
    async with consuming(store, kafka_bootstrap):
        for role, version, expected in (("member", 1, 1), (None, 3, 0), ("owner", 2, 0), ("guest", 4, 1)):
            event = a_membership(bob, workspace_id, role, version)
            await sent(kafka_bootstrap, event)
            await applied(migrated.url, event)
            assert len(await known.of_user(bob)) == expected
            [row] = await fetch(migrated.url, "SELECT applied FROM inbox WHERE event_id = $1", event.id)
            assert row["applied"] == (version != 2)


async def test_an_event_that_comes_twice_has_one_effect(
    store: Database, migrated: PostgresDatabase, kafka_bootstrap: str
) -> None:
    event, behind = samples()["user-registered"], samples()["user-registered"]
    async with consuming(store, kafka_bootstrap) as group:
        await sent(kafka_bootstrap, event)
        await sent(kafka_bootstrap, event)
        await sent(kafka_bootstrap, behind)
        await applied(migrated.url, event, behind)
        assert [
            letter
            for letter in await records_of(kafka_bootstrap, [f"user-registered.{group}.dlq"])
            if letter.value == event.data
        ] == []


async def test_a_kill_between_the_effect_and_the_offset_repeats_the_event_without_effect(
    settings: dict[str, str], fresh_postgres: PostgresDatabase, kafka_bootstrap: str
) -> None:
    event, behind = samples()["user-registered"], samples()["user-registered"]
    async with task_process(settings) as process:
        await process.start(TASKFLOW_FAILPOINTS="consumer.after_effect=exit@1")
        await process.ready()
        await sent(kafka_bootstrap, event)
        await process.ended()
        await process.start()
        await process.ready()
        await sent(kafka_bootstrap, behind)
        await applied(fresh_postgres.url, event, behind)
    [row] = await fetch(fresh_postgres.url, "SELECT count(*) AS times FROM inbox WHERE event_id = $1", event.id)
    assert row["times"] == 1
