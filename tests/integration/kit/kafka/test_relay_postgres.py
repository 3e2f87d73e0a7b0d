"""The way from a PostgreSQL commit to Kafka: no commit is skipped, no key gets out of order, whoever relays."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import pytest
from prometheus_client import REGISTRY

from kit import failpoints
from kit.kafka import Publisher, Relay, RelayOptions, WakeUp, publisher
from kit.kafka.postgres import TABLES, PostgresPending, add_events, first_time
from tests.integration.kit.kafka.conftest import event, finally_empty, running, stands_in, until
from tests.testkit.postgres import PostgresDatabase

OPTIONS = RelayOptions(sweep_seconds=0.1, left_behind_seconds=0.2, longest_pause_seconds=0.2)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@pytest.fixture
async def pool(fresh_postgres: PostgresDatabase) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(fresh_postgres.owner_url, min_size=2, max_size=24) as opened:
        await opened.execute(TABLES + "CREATE TABLE things (key text PRIMARY KEY, version int NOT NULL)")
        yield opened


@pytest.fixture(autouse=True)
async def _disarmed() -> AsyncIterator[None]:
    yield
    failpoints.arm("")


def relay(pool: Pool, sender: Publisher, wake_up: WakeUp) -> Relay:
    return Relay("test", PostgresPending(pool, "test"), sender, wake_up, OPTIONS)


async def unsent(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM outbox")
    return count


def failures() -> float:
    return REGISTRY.get_sample_value("outbox_failures_total", {"store": "test"}) or 0


async def change(pool: Pool, topic: str, key: str, hold_seconds: float = 0.0) -> None:
    """One change of one thing with its event, as a service does it: the event is written under the thing's lock."""
    async with pool.acquire() as connection, connection.transaction():
        version = await connection.fetchval(
            "INSERT INTO things VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET version = things.version + 1 "
            "RETURNING version",
            key,
        )
        await add_events(connection, [event(topic, key, str(version).encode())])
        await asyncio.sleep(hold_seconds)


async def test_a_commit_is_sent_at_once_and_forgotten(
    pool: Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    wake_up = WakeUp()
    async with running(relay(pool, sender, wake_up).run):
        await change(pool, topic, "k")
        await wake_up.committed("k")
        (record,) = await stands_in(kafka_bootstrap, [topic], 1)
        assert (record.key, record.value) == (b"k", b"1")
        await finally_empty(lambda: unsent(pool))


async def test_what_a_dead_process_left_is_found_by_the_sweep(
    pool: Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    await change(pool, topic, "k")
    async with running(relay(pool, sender, WakeUp()).run):
        assert len(await stands_in(kafka_bootstrap, [topic], 1)) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_late_commits_and_two_relays_skip_nothing_and_keep_order(
    pool: Pool, topic: str, kafka_bootstrap: str, seed: int
) -> None:
    dice = random.Random(seed)
    keys = [f"k{number}" for number in range(12)]
    wakes = [WakeUp(), WakeUp()]

    async def write(turns: int) -> None:
        for _ in range(turns):
            key = dice.choice(keys)
            # Now and then a transaction stays open while hundreds of later sequence numbers commit.
            await change(pool, topic, key, dice.choice([0, 0, 0, 0.001, 0.02, 0.3]))
            if dice.random() < 0.8:
                await dice.choice(wakes).committed(key)

    async with (
        publisher([kafka_bootstrap], [topic], "one") as one,
        publisher([kafka_bootstrap], [topic], "two") as two,
        running(relay(pool, one, wakes[0]).run),
        running(relay(pool, two, wakes[1]).run),
    ):
        await asyncio.gather(*(write(25) for _ in range(10)))
        await finally_empty(lambda: unsent(pool))
    versions = {row["key"]: row["version"] for row in await pool.fetch("SELECT * FROM things")}
    assert sum(versions.values()) == 250
    seen: dict[str, list[int]] = defaultdict(list)
    async with asyncio.timeout(20):
        for record in await stands_in(kafka_bootstrap, [topic], 250):
            seen[record.key.decode()].append(int(record.value))
        extra = 250
        while any(set(seen[key]) != set(range(1, last + 1)) for key, last in versions.items()):
            extra += 1
            seen.clear()
            for record in await stands_in(kafka_bootstrap, [topic], extra):
                seen[record.key.decode()].append(int(record.value))
    for key, last in versions.items():
        assert list(dict.fromkeys(seen[key])) == list(range(1, last + 1)), "first occurrences in order of commits"


@pytest.mark.parametrize("place", ["relay.after_send", "relay.before_mark"])
async def test_a_relay_that_fails_after_sending_sends_the_same_event_again(
    pool: Pool, topic: str, kafka_bootstrap: str, sender: Publisher, place: str
) -> None:
    failpoints.arm(f"{place}=raise@1")
    wake_up = WakeUp()
    async with running(relay(pool, sender, wake_up).run):
        await change(pool, topic, "k")
        await wake_up.committed("k")
        one, two = await stands_in(kafka_bootstrap, [topic], 2)
        await finally_empty(lambda: unsent(pool))
    assert dict(one.headers)["ce_id"] == dict(two.headers)["ce_id"]


async def test_an_event_too_large_for_kafka_holds_back_no_other(
    pool: Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    wake_up = WakeUp()
    async with running(relay(pool, sender, wake_up).run):
        async with pool.acquire() as connection, connection.transaction():
            await add_events(connection, [event(topic, "k", b"x" * 2_000_000), event(topic, "k", b"1")])
        await wake_up.committed("k")
        (record,) = await stands_in(kafka_bootstrap, [topic], 1)
        assert record.value == b"1"
        await change(pool, topic, "k")
        await wake_up.committed("k")
        assert len(await stands_in(kafka_bootstrap, [topic], 2)) == 2
        async with asyncio.timeout(20):
            while await unsent(pool) != 1:  # noqa: ASYNC110 (asked of the database)
                await asyncio.sleep(0.02)


async def test_a_rolled_back_change_is_never_sent(
    pool: Pool, topic: str, kafka_bootstrap: str, sender: Publisher
) -> None:
    wake_up = WakeUp()
    async with running(relay(pool, sender, wake_up).run):
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await add_events(connection, [event(topic, "k", b"never")])
            await transaction.rollback()
        wake_up.call("k")
        await change(pool, topic, "k")
        wake_up.call("k")
        (record,) = await stands_in(kafka_bootstrap, [topic], 1)
    assert record.value == b"1"


async def test_the_inbox_applies_an_event_once_among_racing_consumers(pool: Pool, topic: str) -> None:
    got = event(topic, "k")

    async def apply() -> bool:
        async with pool.acquire() as connection, connection.transaction():
            if not await first_time(connection, "group", got.id):
                return False
            await asyncio.sleep(0.05)
            await connection.execute(
                "INSERT INTO things VALUES ('k', 1) ON CONFLICT (key) DO UPDATE SET version = things.version + 1"
            )
            return True

    assert sorted(await asyncio.gather(*(apply() for _ in range(8)))) == [False] * 7 + [True]
    assert await pool.fetchval("SELECT version FROM things") == 1


async def test_a_failed_effect_leaves_no_record_in_the_inbox(pool: Pool, topic: str) -> None:
    got = event(topic, "k")
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert await first_time(connection, "group", got.id)
        await transaction.rollback()
    async with pool.acquire() as connection, connection.transaction():
        assert await first_time(connection, "group", got.id)


async def test_without_kafka_events_wait_and_are_sent_when_it_is_there(
    pool: Pool, topic: str, kafka_bootstrap: str
) -> None:
    wake_up = WakeUp()
    async with publisher(["127.0.0.1:1"], [topic], "nowhere") as nowhere:
        async with running(relay(pool, nowhere, wake_up).run):
            for number in range(20):
                await change(pool, topic, f"k{number}")
                await wake_up.committed(f"k{number}")
            before = failures()
            await until(lambda: failures() > before + 1)
        assert await unsent(pool) == 20
        async with (
            publisher([kafka_bootstrap], [topic], "back") as back,
            running(relay(pool, back, WakeUp()).run),
        ):
            assert len(await stands_in(kafka_bootstrap, [topic], 20)) == 20
