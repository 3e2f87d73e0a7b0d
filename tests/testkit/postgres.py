"""Empty PostgreSQL databases for tests, made through the owner's role as a deployment would."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """One database under both roles."""

    name: str
    url: str
    owner_url: str


def create_database(settings: Mapping[str, str], name: str) -> PostgresDatabase:
    """Create `name` beside the database that the settings name."""
    owner = settings.get("TASKFLOW_POSTGRES_OWNER_URL")
    if owner is None:
        raise LookupError(
            "TASKFLOW_POSTGRES_URL is set, but not TASKFLOW_POSTGRES_OWNER_URL, whose role makes databases"
        )
    _run(_execute(owner, f'CREATE DATABASE "{name}"'))
    return PostgresDatabase(name, _named(settings["TASKFLOW_POSTGRES_URL"], name), _named(owner, name))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Coroutine[object, object, None]) -> None:
    """Run in a loop of its own thread: the caller's thread belongs to the loop of the tests."""
    failure: list[BaseException] = []

    def target() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
