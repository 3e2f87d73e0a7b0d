"""Reads and moves within one inbox. A move is one transaction that holds its notification to the version last read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument

from kit.errors import unavailable
from subgraphs.notification.domain.notifications import Entry, Filter, Inbox, Place
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.notifications import InboxDocument, NotificationDocument, Outbox
from subgraphs.notification.store.pages import page_of
from subgraphs.notification.store.transactions import Session, Transactions

_TRIES = 10

Move = Callable[[NotificationDocument, Session], Awaitable[bool]]
"""Moves a notification as it was read; False when somebody else has moved it since."""


class MongoInboxes:
    """`service.ports.Inboxes`. `returned` hears of each inbox into which something came back."""

    def __init__(self, transactions: Transactions, returned: Callable[[UUID], Awaitable[None]]) -> None:
        self._transactions = transactions
        self._returned = returned

    async def inbox(self, user_id: UUID) -> Inbox:
        with reachable():
            return await _inbox(user_id)

    async def find(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Entry]:
        with reachable():
            inbox = await _inbox(user_id)
            query = {"_id": {"$in": list(notification_ids)}, "user_id": user_id}
            found = await NotificationDocument.find(query).to_list()
        return {document.id: document.entry(inbox) for document in found}

    async def page(self, user_id: UUID, shown: Filter, *, limit: int, before: int | None) -> Sequence[Entry]:
        with reachable():
            inbox = await _inbox(user_id)
            documents = await page_of(inbox, shown, limit, before)
        return [document.entry(inbox) for document in documents]

    async def mark_read(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        return await self._move(
            user_id,
            notification_id,
            stays=lambda document: document.read,
            move=partial(_read, change={}, at=at),
        )

    async def mark_all_read(self, user_id: UUID, at: datetime) -> tuple[int, Inbox]:
        through = {"unread": 0, "read_through": "$last_seq", "read_through_at": at}
        with reachable():
            before = await InboxDocument.get_pymongo_collection().find_one_and_update(
                {"_id": user_id, "unread": {"$gt": 0}}, [{"$set": through}]
            )
            return before["unread"] if before else 0, await _inbox(user_id)

    async def archive(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        change = {"$set": {"place": Place.ARCHIVED.value, "archived_at": at}, "$unset": {"snoozed_until": ""}}
        return await self._move(
            user_id,
            notification_id,
            stays=lambda document: document.place is Place.ARCHIVED,
            move=partial(_read, change=change, at=at),
        )

    async def snooze(
        self, user_id: UUID, notification_id: UUID, until: datetime, at: datetime
    ) -> tuple[Entry, Inbox] | None:
        change = {"$set": {"place": Place.SNOOZED.value, "snoozed_until": until}, "$unset": {"archived_at": ""}}
        return await self._move(
            user_id,
            notification_id,
            stays=lambda document: document.snoozed_until == until,
            move=partial(_read, change=change, at=at),
        )

    async def bring_back(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        async def back(document: NotificationDocument, session: Session) -> bool:
            if document.place is Place.ARCHIVED:
                change = {"$set": {"place": Place.INBOX.value}, "$unset": {"archived_at": ""}}
                return await _write(document, change, session)
            return await _renew(document, at, session)

        moved = await self._move(
            user_id, notification_id, stays=lambda document: document.place is Place.INBOX, move=back
        )
        if moved is not None:
            await self._returned(user_id)
        return moved

    async def due_back(self, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        collection = NotificationDocument.get_pymongo_collection()
        query = {"snoozed_until": {"$lte": now}}
        with reachable():
            found = collection.find(query, {"user_id": 1}).sort("snoozed_until", 1).limit(limit)
            return [(one["user_id"], one["_id"]) async for one in found]

    async def next_due_back(self) -> datetime | None:
        collection = NotificationDocument.get_pymongo_collection()
        with reachable():
            first: Any = await collection.find_one(
                {"snoozed_until": {"$exists": True}}, {"snoozed_until": 1}, sort=[("snoozed_until", 1)]
            )
        return first["snoozed_until"] if first is not None else None

    async def _move(
        self, user_id: UUID, notification_id: UUID, *, stays: Callable[[NotificationDocument], bool], move: Move
    ) -> tuple[Entry, Inbox] | None:
        for _ in range(_TRIES):
            with reachable():
                document = await NotificationDocument.find_one({"_id": notification_id, "user_id": user_id})
                if document is None:
                    return None
                if stays(document) or await self._transactions.run(partial(_all_or_nothing, document, move)):
                    document = await NotificationDocument.get(notification_id) or document
                    inbox = await _inbox(user_id)
                    return document.entry(inbox), inbox
        raise unavailable("The notification is being changed by somebody else.")


async def _all_or_nothing(document: NotificationDocument, move: Move, session: Session) -> bool:
    moved = await move(document, session)
    if not moved:
        await session.abort_transaction()
    return moved


async def _read(document: NotificationDocument, session: Session, *, change: dict[str, Any], at: datetime) -> bool:
    """Reads it and changes what else there is. The inbox is written first: whoever else changes it waits or starts
    over. What was read with all others stays read at that time.
    """
    counted = document.read or not await _uncount(document, session)
    if counted and not change:
        return True
    read = {} if counted else {"read": True, "read_at": at}
    return await _write(document, change | {"$set": change.get("$set", {}) | read}, session)


async def _uncount(document: NotificationDocument, session: Session) -> bool:
    """Takes it out of the unread count; False when it was not in there."""
    counted = await InboxDocument.get_pymongo_collection().update_one(
        {"_id": document.user_id, "read_through": {"$lt": document.seq}}, {"$inc": {"unread": -1}}, session=session
    )
    return counted.modified_count == 1


async def _renew(document: NotificationDocument, at: datetime, session: Session) -> bool:
    """Gives it the next number of its inbox, unread, with an event as if it had just come."""
    after: Any = await InboxDocument.get_pymongo_collection().find_one_and_update(
        {"_id": document.user_id},
        {"$inc": {"last_seq": 1, "unread": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    outbox = Outbox(user_id=document.user_id, at=at, unread=after["unread"], version=document.version + 1)
    new = {"place": Place.INBOX.value, "seq": after["last_seq"], "read": False}
    change = {
        "$set": new | {"outbox": outbox.model_dump(exclude_none=True)},
        "$unset": {"snoozed_until": "", "read_at": ""},
    }
    return await _write(document, change, session)


async def _write(document: NotificationDocument, change: dict[str, Any], session: Session) -> bool:
    """Only over the version that was read."""
    as_read = {"_id": document.id, "version": document.version, "place": document.place.value}
    written = await NotificationDocument.get_pymongo_collection().update_one(
        as_read, change | {"$inc": {"version": 1}}, session=session
    )
    return written.modified_count == 1


async def _inbox(user_id: UUID) -> Inbox:
    document = await InboxDocument.get(user_id)
    return document.inbox() if document is not None else Inbox(user_id=user_id)
