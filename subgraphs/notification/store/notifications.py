"""Collections `notifications` and `inboxes`: what stands in them, and how it comes in. An inbox numbers what comes; its
unread count changes in the commit of whatever changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel
from pymongo import DESCENDING, IndexModel, ReturnDocument

from subgraphs.notification.domain.notifications import (
    Category,
    Entry,
    Inbox,
    Notification,
    Place,
    search_words,
)
from subgraphs.notification.store.transactions import Session


class Outbox(BaseModel):
    """The pending event of a notification, until the relay has sent it. Only what waits stands in its two indexes."""

    user_id: UUID
    at: datetime
    unread: int
    version: int = 1
    traceparent: str | None = None


class NotificationDocument(Document):
    """A notification in its inbox. `read` says only whether it was marked by itself, `words` what it is found by."""

    id: UUID  # type: ignore[assignment]  # beanie types it as an optional ObjectId
    user_id: UUID
    seq: int
    category: Category
    title: str
    body: str
    words: list[str]
    workspace_id: UUID
    project_id: UUID | None = None
    task_id: UUID | None = None
    created_at: datetime
    place: Place = Place.INBOX
    archived_at: datetime | None = None
    snoozed_until: datetime | None = None
    read: bool = False
    read_at: datetime | None = None
    version: int = 1
    outbox: Outbox | None = None

    class Settings:
        name = "notifications"
        keep_nulls = False
        indexes: ClassVar = [
            IndexModel([("user_id", 1), ("seq", DESCENDING)], name="inbox", unique=True),
            IndexModel([("user_id", 1), ("place", 1), ("seq", DESCENDING)], name="by_place"),
            IndexModel([("user_id", 1), ("place", 1), ("read", 1), ("seq", DESCENDING)], name="by_read"),
            IndexModel([("user_id", 1), ("place", 1), ("category", 1), ("seq", DESCENDING)], name="by_category"),
            IndexModel([("user_id", 1), ("place", 1), ("project_id", 1), ("seq", DESCENDING)], name="by_project"),
            IndexModel([("user_id", 1), ("place", 1), ("words", 1), ("seq", DESCENDING)], name="by_word_in_place"),
            IndexModel("snoozed_until", name="due_back", sparse=True),
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
            words=list(search_words(notification.title, notification.body)),
            workspace_id=notification.workspace_id,
            project_id=notification.project_id,
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
            project_id=self.project_id,
            task_id=self.task_id,
            created_at=self.created_at,
        )

    def entry(self, inbox: Inbox) -> Entry:
        return Entry(
            notification=self.notification(),
            seq=self.seq,
            read_at=inbox.read_at(self.seq, self.read_at),
            version=self.version,
            place=self.place,
            archived_at=self.archived_at,
            snoozed_until=self.snoozed_until,
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
