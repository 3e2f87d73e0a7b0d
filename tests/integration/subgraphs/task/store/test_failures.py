"""What a caller hears when PostgreSQL goes away, is slow or is given up on, and that the pool survives it."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from kit.errors import DomainError
from kit.ids import new_id
from kit.kafka import WakeUp
from subgraphs.task.events.published import encode
from subgraphs.task.store.connection import Pool
from subgraphs.task.store.database import Database, PoolOptions, open_pool
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.port_suite import stored_project, stored_task

HASTY = PoolOptions(smallest=1, largest=2, acquire_seconds=0.2, statement_seconds=0.3)


@pytest.fixture
async def hasty_pool(migrated: PostgresDatabase) -> AsyncIterator[Pool]:
    async with open_pool(migrated.url, HASTY) as opened:
        yield opened


@pytest.fixture
def hasty(hasty_pool: Pool) -> Database:
    return Database(hasty_pool, encode=encode, committed=WakeUp().committed, options=HASTY)


async def _kill_sessions(url: str) -> None:
    killer = await asyncpg.connect(url, server_settings={"application_name": "killer"})
    try:
        await killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'taskflow-task' AND datname = current_database()"
        )
    finally:
        await killer.close()


async def test_a_session_that_dies_is_an_outage_and_leaves_nothing(store: Database, migrated: PostgresDatabase) -> None:
    project = await stored_project(store)

    async def interrupted() -> None:
        async with store.write([project.workspace_id]) as work:
            await work.projects.take_number(project.id, members=())
            await _kill_sessions(migrated.url)
            await work.projects.take_number(project.id, members=())

    with pytest.raises(DomainError) as refused:
        await interrupted()
    assert refused.value.code == "UNAVAILABLE"
    assert (await stored_task(store, project)).number == 1


async def test_a_session_that_dies_before_its_commit_is_answered_leaves_the_outcome_open(
    store: Database, migrated: PostgresDatabase
) -> None:
    project = await stored_project(store)

    async def interrupted() -> None:
        async with store.write([project.workspace_id]) as work:
            await work.projects.take_number(project.id, members=())
            await _kill_sessions(migrated.url)

    with pytest.raises(DomainError) as refused:
        await interrupted()
    assert refused.value.code == "TIMEOUT"
    assert (await stored_task(store, project)).number == 1


async def test_waiting_too_long_for_a_lock_is_a_timeout(hasty: Database, store: Database) -> None:
    task = await stored_task(store, await stored_project(store))
    async with store.write([task.workspace_id], lock_task=task.id):
        with pytest.raises(DomainError) as refused:
            async with hasty.write([task.workspace_id], lock_task=task.id):
                pass
    assert refused.value.code == "TIMEOUT"
    async with hasty.write([task.workspace_id], lock_task=task.id) as work:
        assert await work.tasks.find([task.id]) == {task.id: task}


async def test_more_callers_than_connections_wait_and_then_give_up(hasty: Database) -> None:
    async with hasty.read(()), hasty.read(()):
        with pytest.raises(DomainError) as refused:
            async with hasty.read(()):
                pass
    assert refused.value.code == "TIMEOUT"


async def test_a_caller_who_gives_up_rolls_back_and_frees_the_connection(
    hasty: Database, hasty_pool: Pool, store: Database
) -> None:
    project = await stored_project(store)
    reached = asyncio.Event()

    async def slow() -> None:
        async with hasty.write([project.workspace_id]) as work:
            await work.projects.take_number(project.id, members=())
            reached.set()
            await asyncio.Event().wait()

    for _ in range(4):
        reached.clear()
        attempt = asyncio.create_task(slow())
        await reached.wait()
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
    assert hasty_pool.get_idle_size() == hasty_pool.get_size()
    assert (await stored_task(hasty, project)).number == 1


async def test_what_goes_wrong_in_a_block_is_what_the_caller_hears(store: Database) -> None:
    async def wrong() -> None:
        async with store.write([new_id()]):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await wrong()
