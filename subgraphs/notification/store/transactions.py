"""Owns the transactions of this process. The server keeps the locks of a transaction whose process was killed for a
minute, and with them the inbox that it was writing. So each process signs for its sessions and shows that it lives; who
finds one that does not ends its sessions, and the locks with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bson.binary import Binary
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from kit.errors import DomainError
from kit.ids import new_id
from kit.telemetry import logger
from subgraphs.notification.store.mongo import DATABASE, Client, reachable

Session = AsyncClientSession
T = TypeVar("T")

_COLLECTION = "transaction_owners"
_SIGN_SECONDS = 1.0
_DEAD_AFTER = timedelta(seconds=4)
_log = logger("transactions")


class Transactions:
    """A fixed set of sessions; as many transactions run side by side."""

    def __init__(self, client: Client, sessions: int, database: str = DATABASE) -> None:
        self._client = client
        self._owners = client[database][_COLLECTION]
        self._owner = str(new_id())
        self._sessions = [client.start_session() for _ in range(sessions)]
        self._idle: asyncio.LifoQueue[Session] = asyncio.LifoQueue()
        for session in self._sessions:
            self._idle.put_nowait(session)

    async def run(self, commit: Callable[[Session], Awaitable[T]]) -> T:
        """All of it or nothing. `commit` runs again when somebody else was faster: it must only talk to the store."""
        session = await self._idle.get()
        try:
            return await session.with_transaction(commit)
        finally:
            self._idle.put_nowait(session)

    async def sign(self) -> datetime:
        """Shows that this process lives, by the server's clock, and says what that shows."""
        lsids = [session.session_id["id"] for session in self._sessions]
        with reachable():
            signed: Any = await self._owners.find_one_and_update(
                {"_id": self._owner},
                {"$set": {"sessions": lsids}, "$currentDate": {"signed_at": True}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        at: datetime = signed["signed_at"]
        return at

    async def end_orphans(self, now: datetime) -> None:
        """Ends the sessions of processes that no longer sign. One that was only slow starts its transaction over."""
        with reachable():
            async for dead in self._owners.find({"signed_at": {"$lt": now - _DEAD_AFTER}}):
                ids = [{"id": Binary.from_uuid(session_id)} for session_id in dead["sessions"]]
                await self._client.admin.command("killSessions", ids)
                await self._owners.delete_one({"_id": dead["_id"], "signed_at": dead["signed_at"]})
                _log.warning("ended the transactions of a process that is gone", owner=dead["_id"])

    async def keep(self) -> None:
        """Signs and looks around until cancelled; a server that is away has no transactions to look after."""
        while True:
            with suppress(DomainError):
                await self.end_orphans(await self.sign())
            await asyncio.sleep(_SIGN_SECONDS)

    async def aclose(self) -> None:
        for session in self._sessions:
            await session.end_session()
        with suppress(DomainError), reachable():
            await self._owners.delete_one({"_id": self._owner})


@asynccontextmanager
async def transactions(client: Client, sessions: int = 16, database: str = DATABASE) -> AsyncIterator[Transactions]:
    """Signed before the first one runs, for the length of a block."""
    opened = Transactions(client, sessions, database)
    try:
        await opened.sign()
        yield opened
    finally:
        await opened.aclose()
