"""Owns the notification and the inbox it stands in. Its id follows from what caused it, so a cause never makes two.

An inbox numbers its notifications in the order of their commits (`seq`). "Everything is read" is one number of the
inbox (`read_through`), not a mark on each notification: it costs the same for ten notifications and for a million.
What is put aside (archived or snoozed) is read; what comes back from a snooze gets the next number, as if it were new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from re import compile as pattern
from unicodedata import normalize
from uuid import UUID

_WORD = pattern(r"\w+")
_LONGEST_WORD = 32
_MOST_WORDS = 12
_SAYS_NOTHING = frozenset(
    {"an", "and", "in", "is", "it", "of", "on", "or", "the", "to", "you", "your"}
    | {"assigned", "changed", "commented", "due", "mentioned", "moved", "overdue"}
)
"""Also what every title of a category says: the category finds them better."""


class Category(StrEnum):
    """What somebody is told. Clients switch on the value. Invitations and links of an account go out by mail alone."""

    TASK_ASSIGNED = "task.assigned"
    TASK_STATUS = "task.status"
    TASK_CHANGED = "task.changed"
    COMMENT_MENTIONED = "comment.mentioned"
    COMMENT_ADDED = "comment.added"
    WORKSPACE_MEMBER = "workspace.member"
    SLA_REMINDER = "sla.reminder"
    SLA_ESCALATION = "sla.escalation"
    INVITATION = "invitation"
    DIGEST = "digest"
    ACCOUNT = "account"


class Place(StrEnum):
    """Where a notification stands in its inbox: before the reader's eyes, put away, or put off until a moment."""

    INBOX = "inbox"
    ARCHIVED = "archived"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One thing that one user is told. It has no place in the inbox yet; the commit gives it one."""

    id: UUID
    user_id: UUID
    category: Category
    title: str
    body: str
    workspace_id: UUID
    project_id: UUID | None
    task_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A notification in its inbox. `read_at` already takes `Inbox.read_through` into account."""

    notification: Notification
    seq: int
    read_at: datetime | None
    version: int
    place: Place = Place.INBOX
    archived_at: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which notifications a list shows: those that meet every condition. `words` are as `search_words` cuts them."""

    place: Place = Place.INBOX
    unread: bool = False
    categories: frozenset[Category] = frozenset()
    project_id: UUID | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """One user's inbox without its notifications. `unread` is kept by every commit, never counted."""

    user_id: UUID
    last_seq: int = 0
    unread: int = 0
    read_through: int = 0
    read_through_at: datetime | None = None

    def read_at(self, seq: int, own: datetime | None) -> datetime | None:
        """When the notification `seq` was read: by itself, or with everything up to it."""
        if own is not None or seq > self.read_through:
            return own
        return self.read_through_at


def search_words(*texts: str) -> tuple[str, ...]:
    """The words by which a text is found: folded in case, each once, the first of them."""
    words: dict[str, None] = {}
    for text in texts:
        for found in _WORD.finditer(normalize("NFKC", text).casefold()):
            word = found.group()[:_LONGEST_WORD]
            if len(word) > 1 and word not in _SAYS_NOTHING:
                words[word] = None
                if len(words) == _MOST_WORDS:
                    return tuple(words)
    return tuple(words)


def notification_id(event_id: UUID, user_id: UUID, category: Category, at: datetime) -> UUID:
    """A UUIDv7 whose random part is a digest of the cause: the same event gives the same id, however often it comes."""
    millis = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    digest = int.from_bytes(sha256(event_id.bytes + user_id.bytes + category.encode()).digest()[:10])
    bits = millis << 80 | digest
    bits = bits & ~(0xF << 76) | 0x7 << 76
    return UUID(int=bits & ~(0x3 << 62) | 0x2 << 62)


def to_millis(at: datetime) -> datetime:
    """The precision that the store keeps, so that the live event and the inbox show the same time."""
    return at - timedelta(microseconds=at.microsecond % 1000)
