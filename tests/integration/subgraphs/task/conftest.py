"""A migrated database for each module and stores on it; a task process with everything it needs."""

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
from tests.integration.subgraphs.task.process import TaskProcess, task_process
from tests.testkit.postgres import PostgresDatabase
from tests.unit.subgraphs.task.auth_stub import KEYS, SEED, AuthStub, auth_stub

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
def wake_up() -> WakeUp:
    return WakeUp()


@pytest.fixture
def store(pool: Pool, wake_up: WakeUp) -> Database:
    return Database(pool, encode=encode, committed=wake_up.committed, options=OPTIONS)


@pytest.fixture
async def auth() -> AsyncIterator[tuple[AuthStub, int]]:
    """A stand-in for auth and its port."""
    async with auth_stub() as opened:
        yield opened


@pytest.fixture
def settings(fresh_postgres: PostgresDatabase, kafka_bootstrap: str, auth: tuple[AuthStub, int]) -> dict[str, str]:
    """What a task process needs, with a database of its own."""
    return {
        "TASKFLOW_POSTGRES_URL": fresh_postgres.url,
        "TASKFLOW_POSTGRES_OWNER_URL": fresh_postgres.owner_url,
        "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "TASKFLOW_INTERNAL_SIGNING_KEY": SEED,
        "TASKFLOW_INTERNAL_TRUSTED_KEYS": ",".join(KEYS),
        "TASKFLOW_AUTH_GRPC": f"127.0.0.1:{auth[1]}",
    }


@pytest.fixture
async def process(settings: dict[str, str]) -> AsyncIterator[TaskProcess]:
    """A process that is ready."""
    async with task_process(settings) as opened:
        await opened.start()
        await opened.ready()
        yield opened
