"""Processes that die between two arrows, and a broker that dies under them: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from kit.kafka import Envelope, Publisher, Relay, RelayOptions, WakeUp, dead_letter_topic, publisher
from kit.kafka.postgres import TABLES, PostgresPending, add_events
from scripts.engines.run import EngineSet
from tests.integration.kit.kafka.conftest import consumer, event, finally_empty, running, stands_in, until
from tests.testkit.postgres import PostgresDatabase

ROOT = Path(__file__).parents[4]
EFFECTS = "CREATE TABLE effects (data text NOT NULL, pid int NOT NULL)"

# A process with one consumer, whose effect and inbox record are one commit; it ends when it has nothing left to do.
PROCESS = """
import asyncio, os, sys
import asyncpg
from kit import failpoints
from kit.errors import DomainError
from kit.kafka import Consumer, ConsumerOptions, publisher
from kit.kafka.postgres import first_time

async def main(bootstrap, url, topic, total):
    failpoints.arm(os.environ.get("FAILPOINTS", ""))
    async with asyncpg.create_pool(url, min_size=1, max_size=8) as pool, publisher([bootstrap], [topic], "t") as sender:
        async def handle(event):
            if event.data == b"poison":
                raise DomainError.of("BAD_INPUT", "poison")
            async with pool.acquire() as connection, connection.transaction():
                if await first_time(connection, topic, event.id):
                    data = event.data.decode()
                    await connection.execute("INSERT INTO effects VALUES ($1, $2)", data, os.getpid())
        options = ConsumerOptions(commit_seconds=0.05, session_ms=6_000, concurrency=4)
        run = asyncio.ensure_future(Consumer([bootstrap], topic, {topic: handle}, sender, options=options).run())
        while await pool.fetchval("SELECT count(*) FROM effects") < total:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)

asyncio.run(main(*sys.argv[1:4], int(sys.argv[4])))
"""


@pytest.fixture
async def pool(fresh_postgres: PostgresDatabase) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(fresh_postgres.owner_url, min_size=1, max_size=8) as opened:
        await opened.execute(TABLES + EFFECTS)
        yield opened


async def run_process(failpoints: str, *arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(PROCESS),
        *arguments,
        cwd=ROOT,
        env=os.environ | {"FAILPOINTS": failpoints},
    )
    try:
        return await asyncio.wait_for(process.wait(), 50)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.timeout(180)
async def test_a_consumer_killed_at_every_arrow_has_each_effect_once(
    pool: asyncpg.Pool,
    fresh_postgres: PostgresDatabase,
    kafka_bootstrap: str,
    topic: str,
    sender: Publisher,
) -> None:
    total = 30
    events = [event(topic, f"k{number % 5}", str(number).encode()) for number in range(total)]
    await sender.publish([*events[:10], event(topic, "k1", b"poison"), *events[10:]])
    arguments = (kafka_bootstrap, fresh_postgres.owner_url, topic, str(total))
    for failpoint in ("consumer.after_effect=exit@5", "dlq.before_publish=exit@1", "consumer.before_commit=exit@1"):
        assert await run_process(failpoint, *arguments) == 137
    assert await run_process("", *arguments) == 0
    effects = [row["data"] for row in await pool.fetch("SELECT data FROM effects")]
    assert sorted(effects, key=int) == [str(number) for number in range(total)]
    letters = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)
    assert {letter.value for letter in letters} == {b"poison"}


@pytest.mark.timeout(180)
async def test_a_broker_killed_under_relay_and_consumer_loses_nothing(
    pool: asyncpg.Pool,
    private_engines: EngineSet,
    topic: str,
) -> None:
    server = private_engines.server("kafka")
    await asyncio.to_thread(server.start)
    bootstrap = private_engines.environment("kafka")["TASKFLOW_KAFKA_BOOTSTRAP"]
    wake_up, seen = WakeUp(), list[int]()
    options = RelayOptions(sweep_seconds=0.2, left_behind_seconds=0.2)

    async def handle(got: Envelope) -> None:
        seen.append(int(got.data))

    async def write(first: int, last: int) -> None:
        for number in range(first, last):
            async with pool.acquire() as connection, connection.transaction():
                await add_events(connection, [event(topic, f"k{number % 3}", str(number).encode())])
            await wake_up.committed(f"k{number % 3}")

    async with (
        publisher([bootstrap], [topic], "relay") as sender,
        running(Relay("test", PostgresPending(pool, "test"), sender, wake_up, options).run),
        running(consumer(bootstrap, topic, {topic: handle}, sender).run),
    ):
        await write(0, 20)
        await until(lambda: len(set(seen)) == 20)
        server.kill()
        await write(20, 60)
        await asyncio.to_thread(server.restart)
        await write(60, 80)
        await until(lambda: set(seen) == set(range(80)), 60)
        await finally_empty(lambda: pool.fetchval("SELECT count(*) FROM outbox"))
    for key in range(3):
        firsts = list(dict.fromkeys(number for number in seen if number % 3 == key))
        assert firsts == sorted(firsts)
