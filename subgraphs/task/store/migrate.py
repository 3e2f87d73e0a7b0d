"""Owns the database's schema: applies the SQL files of `migrations/` in order of their names.

Invariant: a file is applied once, in one transaction with the record of its checksum; a file that changed after it was
applied stops the start; several processes may start at once, one migrates and the others wait for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from urllib.parse import unquote, urlsplit

import asyncpg

from kit.errors import DomainError
from subgraphs.task.store.connection import Connection, OwnConnection

_LOCK = 0x7461736B  # "task": any number that no other user of this database takes
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """The files in the order in which they are applied."""
    folder = resources.files("subgraphs.task.store") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [Migration(entry.name.removesuffix(".sql"), entry.read_text()) for entry in files]


async def migrate(owner_url: str, application_url: str, *, files: Sequence[Migration] | None = None) -> list[str]:
    """Brings the schema up to date as its owner and lets the application's role read and write rows, nothing more.

    Returns the names that were applied now.

    Raises:
        DomainError: PRECONDITION_FAILED, when an applied file has changed.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        # Held by the session: a process that dies half-way frees it, and its open transaction is rolled back.
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        applied = await _apply(connection, migrations() if files is None else files)
        await _grant(connection, application_url)
        return applied
    finally:
        await connection.close()


async def is_current(connection: OwnConnection | Connection) -> bool:
    """Whether the schema holds everything that this version needs (it may already hold more)."""
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return False
    names = {row["name"] for row in await connection.fetch("SELECT name FROM schema_migrations")}
    return all(file.name in names for file in migrations())


async def _apply(connection: OwnConnection, files: Sequence[Migration]) -> list[str]:
    rows = await connection.fetch("SELECT name, checksum FROM schema_migrations")
    known = {row["name"]: row["checksum"] for row in rows}
    applied = []
    for file in files:
        if file.name in known:
            if known[file.name] != file.checksum:
                raise DomainError.of(
                    "PRECONDITION_FAILED", f"migration {file.name} changed after it was applied; add a new file instead"
                )
            continue
        async with connection.transaction():
            await connection.execute(file.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)", file.name, file.checksum
            )
        applied.append(file.name)
    return applied


async def _grant(connection: OwnConnection, application_url: str) -> None:
    url = urlsplit(application_url)
    if url.username is None:
        raise DomainError.of("PRECONDITION_FAILED", "TASKFLOW_POSTGRES_URL: names no role")
    role, password = unquote(url.username), unquote(url.password or "")
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        create = await connection.fetchval(
            "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, password
        )
        await connection.execute(create)
    quoted = await connection.fetchval("SELECT quote_ident($1)", role)
    async with connection.transaction():
        for grant in _GRANTS:
            await connection.execute(grant.format(role=quoted))
