"""The schema is made once, by whoever comes first, and never by a file that changed."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from kit.errors import DomainError
from subgraphs.task.store.connection import OwnConnection
from subgraphs.task.store.database import PoolOptions, open_pool
from subgraphs.task.store.migrate import Migration, is_current, migrate, migrations
from tests.testkit.postgres import PostgresDatabase

NAMES = [file.name for file in migrations()]


async def tables_of(connection: OwnConnection) -> set[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


async def test_a_second_run_changes_nothing(fresh_postgres: PostgresDatabase) -> None:
    assert await migrate(fresh_postgres.owner_url, fresh_postgres.url) == NAMES
    assert await migrate(fresh_postgres.owner_url, fresh_postgres.url) == []


async def test_of_many_that_start_at_once_one_migrates(fresh_postgres: PostgresDatabase) -> None:
    runs = await asyncio.gather(*(migrate(fresh_postgres.owner_url, fresh_postgres.url) for _ in range(4)))
    assert sorted(runs, key=len) == [[], [], [], NAMES]


async def test_a_file_that_changed_stops_the_start(fresh_postgres: PostgresDatabase) -> None:
    await migrate(fresh_postgres.owner_url, fresh_postgres.url)
    first, *rest = migrations()
    changed = [Migration(first.name, first.sql + "-- later"), *rest]
    with pytest.raises(DomainError) as refused:
        await migrate(fresh_postgres.owner_url, fresh_postgres.url, files=changed)
    assert refused.value.code == "PRECONDITION_FAILED"
    assert first.name in refused.value.message


async def test_a_file_that_fails_leaves_nothing_of_itself(fresh_postgres: PostgresDatabase) -> None:
    files = [Migration("0001", "CREATE TABLE one ()"), Migration("0002", "CREATE TABLE two (); SELECT 1/0")]
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(fresh_postgres.owner_url, fresh_postgres.url, files=files)
    connection = await asyncpg.connect(fresh_postgres.owner_url)
    try:
        assert await tables_of(connection) == {"schema_migrations", "one"}
    finally:
        await connection.close()
    mended = [files[0], Migration("0002", "CREATE TABLE two ()")]
    assert await migrate(fresh_postgres.owner_url, fresh_postgres.url, files=mended) == ["0002"]


async def test_the_application_can_tell_whether_the_schema_is_there(fresh_postgres: PostgresDatabase) -> None:
    connection = await asyncpg.connect(fresh_postgres.url)
    try:
        assert not await is_current(connection)
        await migrate(fresh_postgres.owner_url, fresh_postgres.url)
        assert await is_current(connection)
    finally:
        await connection.close()


async def test_a_role_that_could_evade_the_tenants_is_refused(fresh_postgres: PostgresDatabase) -> None:
    await migrate(fresh_postgres.owner_url, fresh_postgres.url)
    with pytest.raises(DomainError) as refused:
        async with open_pool(fresh_postgres.owner_url, PoolOptions(smallest=1, largest=1)):
            pass
    assert refused.value.code == "PRECONDITION_FAILED"
    assert "TASKFLOW_POSTGRES_URL" in refused.value.message


async def test_an_application_url_without_a_role_is_refused(fresh_postgres: PostgresDatabase) -> None:
    url = urlsplit(fresh_postgres.url)
    nameless = urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))
    with pytest.raises(DomainError) as refused:
        await migrate(fresh_postgres.owner_url, nameless)
    assert "TASKFLOW_POSTGRES_URL" in refused.value.message
