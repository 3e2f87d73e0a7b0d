"""A migrated database for each module, and stores on it."""

import asyncio
from collections.abc import AsyncIterator
from threading import Thread

import asyncpg
import pytest

from kit.kafka import WakeUp
from subgraphs.task.events.published import encode
from subgraphs.task.store.connection import OwnConnection, Pool
from subgraphs.task.store.database import Database, PoolOptions, open_pool
from subgraphs.task.store.migrate import migrate
from tests.testkit.postgres import PostgresDatabase

OPTIONS = PoolOptions(smallest=1, largest=8)


@pytest.fixture(scope="module")
def migrated(module_postgres: PostgresDatabase) -> PostgresDatabase:
    # In a loop of its own thread: the fixture lives longer than the loop of a test.
    thread = Thread(target=lambda: asyncio.run(migrate(module_postgres.owner_url, module_postgres.url)))
    thread.start()
    thread.join()
    return module_postgres


@pytest.fixture
async def pool(migrated: PostgresDatabase) -> AsyncIterator[Pool]:
    async with open_pool(migrated.url, OPTIONS) as opened:
        yield opened


@pytest.fixture
async def owner(migrated: PostgresDatabase) -> AsyncIterator[OwnConnection]:
    connection = await asyncpg.connect(migrated.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
def store(pool: Pool) -> Database:
    return Database(pool, encode=encode, committed=WakeUp().committed, options=OPTIONS)
