"""Owns unsent and applied events in MongoDB.

Unsent events stand in the array `pending` of the document they belong to, written with its change in one atomic update
(`$push`), so state and event cannot part. All events of one key must stand in one document; the order of the array is
the order of commits. Applied events stand in a collection written in the transaction of the effect.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from bson import Binary
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from kit.ids import new_id
from kit.kafka.envelope import Envelope
from kit.kafka.pending import Pending

Document = dict[str, Any]
T = TypeVar("T")

FIELD = "pending"
"""The array of unsent events in a document."""

_LEASES = "relay_leases"
_LEASE_SECONDS = 15


def entry(event: Envelope) -> Document:
    """An event as an element of `pending`."""
    return {
        "id": str(event.id),
        "type": event.type,
        "source": event.source,
        "time": event.time.isoformat(),
        "subject": event.subject,
        "tenant": str(event.tenant) if event.tenant else None,
        "traceparent": event.traceparent,
        "data": Binary(event.data),
    }


def push(*events: Envelope) -> Document:
    """The part of an update that adds events. After the write: `WakeUp.committed((collection, _id))`."""
    return {"$push": {FIELD: {"$each": [entry(event) for event in events]}}}


def _event(stored: Mapping[str, Any]) -> Envelope:
    return Envelope(
        id=UUID(stored["id"]),
        type=stored["type"],
        source=stored["source"],
        time=datetime.fromisoformat(stored["time"]),
        subject=stored["subject"],
        tenant=UUID(stored["tenant"]) if stored["tenant"] else None,
        data=bytes(stored["data"]),
        traceparent=stored["traceparent"],
    )


class MongoPending:
    """Implements `PendingEvents` over some collections of a database; places are `(collection name, _id)`."""

    def __init__(self, database: AsyncDatabase[Document], collections: Sequence[str]) -> None:
        self._database = database
        self._collections = tuple(collections)
        self._holder = str(new_id())

    async def ensure_indexes(self) -> None:
        """To be awaited once at start: without the index every sweep would read all documents."""
        for name in self._collections:
            await self._database[name].create_index(f"{FIELD}.time", sparse=True, name="pending_by_time")

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        ids: dict[str, list[Any]] = {}
        for name, document_id in cast("Sequence[tuple[str, Any]]", places):
            ids.setdefault(name, []).append(document_id)
        found: list[Pending] = []
        for name, wanted in ids.items():
            found += await self._read(name, {"_id": {"$in": wanted}})
        return found

    @asynccontextmanager
    async def left_behind(self, limit: int, older_than_seconds: float) -> AsyncIterator[Sequence[Pending]]:
        if not await self._lease():
            yield ()
            return
        try:
            before = (datetime.now(UTC) - timedelta(seconds=older_than_seconds)).isoformat()
            found: list[Pending] = []
            for name in self._collections:
                if len(found) < limit:
                    found += await self._read(name, {f"{FIELD}.time": {"$lt": before}}, limit - len(found))
            yield found
        finally:
            await self._database[_LEASES].update_one({"_id": "sweep", "holder": self._holder}, {"$set": {"until": ""}})

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        by_place: dict[Any, list[str]] = {}
        for pending in events:
            by_place.setdefault(pending.place, []).append(str(pending.event.id))
        updates: dict[str, list[UpdateOne]] = {}
        for (name, document_id), ids in by_place.items():
            update = UpdateOne({"_id": document_id}, {"$pull": {FIELD: {"id": {"$in": ids}}}})
            updates.setdefault(name, []).append(update)
        for name, operations in updates.items():
            await self._database[name].bulk_write(operations, ordered=False)

    async def oldest_age_seconds(self) -> float:
        oldest: datetime | None = None
        for name in self._collections:
            document = await self._database[name].find_one({f"{FIELD}.time": {"$gt": ""}}, {FIELD: 1})
            for stored in (document or {}).get(FIELD, ()):
                time = datetime.fromisoformat(stored["time"])
                oldest = time if oldest is None else min(oldest, time)
        return 0.0 if oldest is None else max(0.0, (datetime.now(UTC) - oldest).total_seconds())

    async def _read(self, name: str, query: Document, limit: int = 0) -> list[Pending]:
        cursor = self._database[name].find(query, {FIELD: 1}, limit=limit)
        return [
            Pending(_event(stored), (name, document["_id"]))
            async for document in cursor
            for stored in document.get(FIELD) or ()
        ]

    async def _lease(self) -> bool:
        now = datetime.now(UTC)
        until = (now + timedelta(seconds=_LEASE_SECONDS)).isoformat()
        try:
            await self._database[_LEASES].update_one(
                {"_id": "sweep", "until": {"$lt": now.isoformat()}},
                {"$set": {"holder": self._holder, "until": until}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return True


class MongoInbox:
    """Applies each event once per group: the record of it commits together with the effect."""

    def __init__(self, database: AsyncDatabase[Document], group: str, collection: str = "inbox") -> None:
        self._client = database.client
        self._collection: AsyncCollection[Document] = database[collection]
        self._group = group

    async def once(self, event: Envelope, effect: Callable[[AsyncClientSession], Awaitable[T]]) -> T | None:
        """Runs the effect in a transaction unless it was applied before; the effect must pass the session on.

        A transaction that lost a race is run again, so the effect may run more than once, but commits once.
        """

        async def apply(session: AsyncClientSession) -> T | None:
            if await self._collection.find_one({"_id": self._id(event)}, {"_id": 1}, session=session):
                return None
            record = {"_id": self._id(event), "at": datetime.now(UTC)}
            await self._collection.insert_one(record, session=session)
            return await effect(session)

        async with self._client.start_session() as session:
            try:
                return await session.with_transaction(apply)
            except DuplicateKeyError:
                if await self._collection.find_one({"_id": self._id(event)}, {"_id": 1}):
                    return None
                raise

    def _id(self, event: Envelope) -> str:
        return f"{self._group}/{event.id}"
