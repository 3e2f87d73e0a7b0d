"""Owns the connection pool and the frame of every transaction.

Invariant: rows are touched only inside a transaction that names its workspaces and its viewer (`SET LOCAL`), so
row-level security holds for every statement; the relay is told the keys of events only after their commit.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from kit.errors import DomainError, unavailable
from kit.idempotency import KeyUse, in_progress
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.service.ports import ProjectCache, Sight
from subgraphs.task.service.project_cache import NoProjectCache
from subgraphs.task.store.connection import Connection, Pool
from subgraphs.task.store.idempotency import KeyRow, locking
from subgraphs.task.store.outbox import Encode, Outbox
from subgraphs.task.store.work import PostgresWork

_CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What the client says of a session whose last words from the server are still on their way.
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,
)
_EVADES = """
SELECT rolsuper OR rolbypassrls OR EXISTS (
  SELECT FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')
) FROM pg_roles WHERE rolname = current_user
"""
_OWNER = re.compile(r"[a-z]+:[a-z0-9-]+")
_TRY_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InsufficientResourcesError,
    # What was named went away between being read and being written; whoever reads again is told so.
    asyncpg.ForeignKeyViolationError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """How many connections, and how long anything may take."""

    smallest: int = 2
    largest: int = 16
    acquire_seconds: float = 5.0
    statement_seconds: float = 5.0


@asynccontextmanager
async def open_pool(url: str, options: PoolOptions) -> AsyncIterator[Pool]:
    """A pool whose connections act as the application's role.

    Raises:
        DomainError: PRECONDITION_FAILED, when that role could evade row-level security.
    """
    pool = asyncpg.create_pool(
        url,
        min_size=options.smallest,
        max_size=options.largest,
        command_timeout=options.statement_seconds,
        # Nothing outlives a transaction here (SET LOCAL, transaction locks): nothing to reset, one round trip less.
        reset=_nothing_to_reset,
        server_settings={
            "application_name": "taskflow-task",
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": str(int(options.statement_seconds * 1000)),
            "idle_in_transaction_session_timeout": "30000",
        },
    )
    async with pool:
        await _check_role(pool)
        yield pool


class Database:
    """Implements the port `Store`."""

    def __init__(
        self,
        pool: Pool,
        *,
        encode: Encode,
        committed: Callable[..., Awaitable[None]],
        projects: ProjectCache | None = None,
        options: PoolOptions | None = None,
    ) -> None:
        self._pool = pool
        self._encode = encode
        self._committed = committed
        self._projects: ProjectCache = projects or NoProjectCache()
        self._acquire_seconds = (options or PoolOptions()).acquire_seconds

    @asynccontextmanager
    async def write(self, sight: Sight, *, lock_task: UUID | None = None) -> AsyncIterator[PostgresWork]:
        begin = f"BEGIN; {_seeing(sight)}"
        use = sight.use if isinstance(sight, Caller) else None
        if use is not None:
            begin += f"; {locking(use)}"
        if lock_task is not None:
            # A statement of its own, so that what is read next is newer than whatever held the lock before us.
            begin += f"; SELECT FROM tasks WHERE id = '{lock_task}' FOR NO KEY UPDATE"
        outbox = Outbox(self._encode)
        async with self._transaction(begin, "COMMIT", use) as connection:
            key = None if use is None else KeyRow(connection, use)
            if key is not None:
                await key.look()
            work = PostgresWork(connection, outbox, key)
            yield work
            if key is not None:
                key.check_kept()
            mark = await self._projects.mark(work.written_projects) if work.written_projects else ""
        if work.written_projects:
            await self._projects.publish(mark, work.written_projects)
        if outbox.keys:
            await self._committed(*outbox.keys)

    @asynccontextmanager
    async def read(self, sight: Sight, *, user_id: UUID | None = None) -> AsyncIterator[PostgresWork]:
        begin = f"BEGIN READ ONLY; {_seeing(sight)}"
        if user_id is not None:
            begin += f"; SET LOCAL taskflow.asking_user = '{user_id}'"
        async with self._transaction(begin, "ROLLBACK") as connection:
            yield PostgresWork(connection, Outbox(self._encode))

    @asynccontextmanager
    async def _transaction(self, begin: str, end: str, use: KeyUse | None = None) -> AsyncIterator[Connection]:
        ending = False
        try:
            async with self._pool.acquire(timeout=self._acquire_seconds) as connection:
                try:
                    await connection.execute(begin)
                    yield connection
                    ending = True
                    await connection.execute(end)
                except BaseException:
                    await _roll_back(connection)
                    raise
        except DomainError:
            raise
        except asyncpg.LockNotAvailableError as error:
            if use is None:
                raise unavailable("The database is busy.") from error
            raise in_progress(use.key) from error
        except (asyncpg.QueryCanceledError, TimeoutError) as error:
            raise DomainError.of("TIMEOUT", "The database took too long.") from error
        except _CONNECTION_LOST as error:
            if ending and end == "COMMIT":
                # The commit may have happened: only a repetition with the same idempotency key is safe.
                raise DomainError.of("TIMEOUT", "The database went away during the commit.") from error
            raise unavailable("The database cannot be reached.") from error
        except _TRY_AGAIN as error:
            raise unavailable("The database is busy.") from error


def _seeing(sight: Sight) -> str:
    if not isinstance(sight, Caller):
        return f"SET LOCAL taskflow.workspaces = '{_ids(sight)}'"
    settings = f"SET LOCAL taskflow.workspaces = '{_ids(sight.workspaces)}'"
    if sight.use is not None:
        settings += f"; SET LOCAL taskflow.key_owner = '{_plain(sight.use.owner)}'"
    if sight.confined:
        settings += f"; SET LOCAL taskflow.confined = '{_ids(sight.confined)}'; SET LOCAL taskflow.viewer = "
        settings += f"'{sight.user_id}'"
    return settings


def _plain(owner: str) -> str:
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"{owner!r} cannot own an idempotency key")
    return owner


def _ids(ids: Iterable[UUID]) -> str:
    # Inlined, because SET takes no parameters; only ids get here, so there is nothing to escape.
    return "{" + ",".join([str(UUID(int=one.int)) for one in ids]) + "}"


async def _roll_back(connection: Connection) -> None:
    # A connection whose transaction cannot be ended is given up; what went wrong first is what the caller hears.
    if connection.is_closed():
        return
    try:
        await connection.execute("ROLLBACK")
    except asyncio.CancelledError:
        connection.terminate()
        raise
    except (asyncpg.PostgresError, *_CONNECTION_LOST):
        connection.terminate()


async def _nothing_to_reset(_: object) -> None:
    return None


async def _check_role(pool: Pool) -> None:
    if await pool.fetchval(_EVADES):
        raise DomainError.of(
            "PRECONDITION_FAILED",
            "TASKFLOW_POSTGRES_URL: its role owns the tables or may bypass row-level security; use one that does not",
        )
