"""The pending `notification.created` events. Each waits inside its notification, written by the same commit, and leaves
it when it was sent. All of a user's events come in the order in which the inbox grew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from kit.clock import Clock
from kit.ids import new_id
from kit.kafka import Envelope, Pending
from subgraphs.notification.domain.notifications import Notification
from subgraphs.notification.store.mongo import DATABASE, Client, reachable
from subgraphs.notification.store.notifications import NotificationDocument, Outbox

Encode = Callable[[Notification, int, int, str | None], Envelope]
"""Makes the event of a notification, its inbox's unread count, its version and the trace that it belongs to."""

_LEASES = "relay_leases"
_LEASE = timedelta(seconds=15)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH = 500


class MongoPendingNotifications:
    """`kit.kafka.PendingEvents`; a place is a user's id."""

    def __init__(self, client: Client, encode: Encode, clock: Clock, database: str = DATABASE) -> None:
        self._leases = client[database][_LEASES]
        self._encode = encode
        self._clock = clock
        self._holder = new_id()

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        """Cut off by number, which grows within each inbox: what is left out of a user's events are the newest."""
        query = {"outbox.user_id": {"$in": list(places)}}
        with reachable():
            found = await NotificationDocument.find(query).sort("seq").limit(_BATCH).to_list()
        return [
            Pending(self._event(document, outbox), document.id) for document in found if (outbox := document.outbox)
        ]

    @asynccontextmanager
    async def left_behind(self, limit: int, older_than_seconds: float) -> AsyncIterator[Sequence[Pending]]:
        before = self._clock.now() - timedelta(seconds=older_than_seconds)
        # Asked first: while nothing is left behind, and that is nearly always, nobody needs a lease.
        if not await _users_waiting({"outbox.at": {"$lt": before}}, 1) or not await self._take_lease():
            yield ()
            return
        try:
            stale = await _users_waiting({"outbox.at": {"$lt": before}}, limit)
            yield await self.of(stale) if stale else ()
        finally:
            with reachable():
                await self._leases.update_one({"_id": "sweep", "holder": self._holder}, {"$set": {"until": _NEVER}})

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        query = {"_id": {"$in": [pending.place for pending in events]}}
        with reachable():
            await NotificationDocument.get_pymongo_collection().update_many(query, {"$unset": {"outbox": ""}})

    async def oldest_age_seconds(self) -> float:
        collection = NotificationDocument.get_pymongo_collection()
        with reachable():
            oldest = await collection.find_one(
                {"outbox.at": {"$gt": _NEVER}}, {"outbox.at": 1}, sort=[("outbox.at", 1)]
            )
        return (self._clock.now() - oldest["outbox"]["at"]).total_seconds() if oldest else 0.0

    def _event(self, document: NotificationDocument, outbox: Outbox) -> Envelope:
        return self._encode(document.notification(), outbox.unread, outbox.version, outbox.traceparent)

    async def _take_lease(self) -> bool:
        now = self._clock.now()
        with reachable():
            try:
                await self._leases.update_one(
                    {"_id": "sweep", "until": {"$lt": now}},
                    {"$set": {"holder": self._holder, "until": now + _LEASE}},
                    upsert=True,
                )
            except DuplicateKeyError:
                return False
        return True


async def _users_waiting(query: dict[str, Any], limit: int) -> list[UUID]:
    collection = NotificationDocument.get_pymongo_collection()
    with reachable():
        users = [found["user_id"] async for found in collection.find(query, {"user_id": 1}).limit(limit)]
    return list(dict.fromkeys(users))
