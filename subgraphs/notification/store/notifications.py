"""Collections `notifications` and `inboxes`. Numbers of an inbox are dense, so that a page is a bounded range of one
index; the unread count changes in the commit of whatever changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel
from pymongo import DESCENDING, IndexModel, ReturnDocument

from subgraphs.notification.domain.notifications import Category, Entry, Inbox, Notification
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session, Transactions

_WIDEST_WINDOW = 4096


class Outbox(BaseModel):
    """The pending event of a notification, until the relay has sent it. Only what waits stands in its two indexes."""

    user_id: UUID
    at: datetime
    unread: int
    traceparent: str | None = None


class NotificationDocument(Document):
    """A notification in its inbox. `read` says only whether it was marked by itself."""

    id: UUID  # type: ignore[assignment]  # beanie types it as an optional ObjectId
    user_id: UUID
    seq: int
    category: Category
    title: str
    body: str
    workspace_id: UUID
    task_id: UUID | None = None
    created_at: datetime
    read: bool = False
    read_at: datetime | None = None
    version: int = 1
    outbox: Outbox | None = None

    class Settings:
        name = "notifications"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("user_id", 1), ("seq", DESCENDING)], name="inbox", unique=True),
            IndexModel([("user_id", 1), ("read", 1), ("seq", DESCENDING)], name="unread"),
            IndexModel("outbox.user_id", name="pending_by_user", sparse=True),
            IndexModel("outbox.at", name="pending_by_time", sparse=True),
        ]

    @classmethod
    def of(cls, notification: Notification, seq: int, outbox: Outbox) -> NotificationDocument:
        return cls(
            id=notification.id,
            user_id=notification.user_id,
            seq=seq,
            category=notification.category,
            title=notification.title,
            body=notification.body,
            workspace_id=notification.workspace_id,
            task_id=notification.task_id,
            created_at=notification.created_at,
            outbox=outbox,
        )

    def notification(self) -> Notification:
        return Notification(
            id=self.id,
            user_id=self.user_id,
            category=self.category,
            title=self.title,
            body=self.body,
            workspace_id=self.workspace_id,
            task_id=self.task_id,
            created_at=self.created_at,
        )

    def entry(self, inbox: Inbox) -> Entry:
        return Entry(
            notification=self.notification(),
            seq=self.seq,
            read_at=inbox.read_at(self.seq, self.read_at),
            version=self.version,
        )


class InboxDocument(Document):
    """One user's counters."""

    id: UUID  # type: ignore[assignment]  # the user's id
    last_seq: int = 0
    unread: int = 0
    read_through: int = 0
    read_through_at: datetime | None = None

    class Settings:
        name = "inboxes"

    def inbox(self) -> Inbox:
        return Inbox(
            user_id=self.id,
            last_seq=self.last_seq,
            unread=self.unread,
            read_through=self.read_through,
            read_through_at=self.read_through_at,
        )


class MongoInboxes:
    """`service.ports.Inboxes`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def inbox(self, user_id: UUID) -> Inbox:
        with reachable():
            return await _inbox(user_id)

    async def find(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Entry]:
        with reachable():
            inbox = await _inbox(user_id)
            query = {"_id": {"$in": list(notification_ids)}, "user_id": user_id}
            found = await NotificationDocument.find(query).to_list()
        return {document.id: document.entry(inbox) for document in found}

    async def page(self, user_id: UUID, *, limit: int, before: int | None, unread_only: bool) -> Sequence[Entry]:
        """Looks through windows of numbers, each wider than the last, until the page is full or the inbox ends."""
        with reachable():
            inbox = await _inbox(user_id)
            top = inbox.last_seq + 1 if before is None else min(before, inbox.last_seq + 1)
            floor = inbox.read_through if unread_only else 0
            query: dict[str, Any] = {"user_id": user_id} | ({"read": False} if unread_only else {})
            found: list[NotificationDocument] = []
            width = limit
            while len(found) < limit and top > floor + 1:
                bottom = max(floor + 1, top - width)
                window = query | {"seq": {"$gte": bottom, "$lt": top}}
                found += await NotificationDocument.find(window).sort("-seq").limit(limit - len(found)).to_list()
                top, width = bottom, min(width * 4, _WIDEST_WINDOW)
        return [document.entry(inbox) for document in found]

    async def mark_read(self, user_id: UUID, notification_id: UUID, at: datetime) -> tuple[Entry, Inbox] | None:
        with reachable():
            document = await NotificationDocument.find_one({"_id": notification_id, "user_id": user_id})
            if document is None:
                return None
            if not document.read:
                await self._transactions.run(partial(_mark_read, document, at))
                document = await NotificationDocument.get(notification_id) or document
            inbox = await _inbox(user_id)
        return document.entry(inbox), inbox

    async def mark_all_read(self, user_id: UUID, at: datetime) -> tuple[int, Inbox]:
        through = {"unread": 0, "read_through": "$last_seq", "read_through_at": at}
        with reachable():
            before = await InboxDocument.get_pymongo_collection().find_one_and_update(
                {"_id": user_id, "unread": {"$gt": 0}}, [{"$set": through}]
            )
            return before["unread"] if before else 0, await _inbox(user_id)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A notification that has no number yet."""

    notification: Notification
    at: datetime
    traceparent: str | None


async def add_entries(entries: Sequence[NewEntry], session: Session) -> None:
    """Puts notifications into their inboxes and leaves their events behind, as a part of a transaction."""
    by_user: dict[UUID, list[NewEntry]] = {}
    for entry in entries:
        by_user.setdefault(entry.notification.user_id, []).append(entry)
    documents: list[dict[str, Any]] = []
    # In one order, so that two transactions for the same people cannot wait for each other.
    for user_id in sorted(by_user):
        documents += await _numbered(user_id, by_user[user_id], session)
    if documents:
        await NotificationDocument.get_pymongo_collection().insert_many(documents, session=session)


async def _numbered(user_id: UUID, entries: Sequence[NewEntry], session: Session) -> list[dict[str, Any]]:
    """Documents with the next numbers of an inbox, each with the unread count that includes it and no later one."""
    count = len(entries)
    after: Any = await InboxDocument.get_pymongo_collection().find_one_and_update(
        {"_id": user_id},
        {"$inc": {"last_seq": count, "unread": count}, "$setOnInsert": {"read_through": 0}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    documents = []
    for later, entry in zip(range(count - 1, -1, -1), entries, strict=True):
        outbox = Outbox(user_id=user_id, at=entry.at, unread=after["unread"] - later, traceparent=entry.traceparent)
        document = NotificationDocument.of(entry.notification, after["last_seq"] - later, outbox)
        plain = document.model_dump(exclude_none=True)
        plain["_id"] = plain.pop("id")
        documents.append(plain)
    return documents


async def _mark_read(document: NotificationDocument, at: datetime, session: Session) -> None:
    """The inbox is written first: whoever else changes it at the same time waits or starts over."""
    counted = await InboxDocument.get_pymongo_collection().update_one(
        {"_id": document.user_id, "read_through": {"$lt": document.seq}}, {"$inc": {"unread": -1}}, session=session
    )
    if not counted.modified_count:
        return
    marked = await NotificationDocument.get_pymongo_collection().update_one(
        {"_id": document.id, "read": False},
        {"$set": {"read": True, "read_at": at}, "$inc": {"version": 1}},
        session=session,
    )
    if not marked.modified_count:
        await session.abort_transaction()


async def _inbox(user_id: UUID) -> Inbox:
    document = await InboxDocument.get(user_id)
    return document.inbox() if document is not None else Inbox(user_id=user_id)
