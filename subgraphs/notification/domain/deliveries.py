"""Owns what is on its way out of the house: a mail with one Message-ID from its making to its end, however often it is
tried, and a push to one device that is worth nothing once its time is over.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum
from hashlib import sha256
from typing import Generic, TypeVar
from uuid import UUID

from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import URGENT, Channel

PUSH_LIFE = timedelta(days=1)
"""How long a push is worth delivering; the notification itself stays in the inbox."""


class Status(StrEnum):
    """`QUEUED` until the provider took it (`SENT`) or said for good that there is nobody to take it (`REFUSED`)."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, in both forms, rendered once so that every attempt sends the same.

    `unsubscribe` is where its reader asks for no more of its kind, with one click and nothing else.
    """

    subject: str
    text: str
    html: str
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A letter for one address. The id is the notification's, where there is one.

    `user_id` is whose preferences decided it; nobody's, when it went to an address alone. Quiet hours end at
    `not_before`.
    """

    id: UUID
    recipient: str
    letter: Letter
    category: Category
    workspace_id: UUID | None
    task_id: UUID | None
    created_at: datetime
    user_id: UUID | None = None
    not_before: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.not_before or self.created_at

    @property
    def message_id(self) -> str:
        """The same for every attempt: mail clients and the receiving server drop the repetition."""
        return f"<{self.id}@notification.taskflow>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A notification for one device. Its id follows from both, so that a device is not told twice."""

    id: UUID
    subscription_id: UUID
    notification_id: UUID
    user_id: UUID
    category: Category
    title: str
    body: str
    url: str
    task_id: UUID | None
    created_at: datetime
    not_before: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.not_before or self.created_at

    @property
    def expires_at(self) -> datetime:
        return self.due_at + PUSH_LIFE

    @property
    def urgency(self) -> str:
        return "high" if self.category in URGENT else "normal"

    @property
    def topic(self) -> str:
        """Of pushes with one topic a device that was away gets the last: one for a task and a category."""
        about = f"{self.category} {self.task_id or self.notification_id}"
        return urlsafe_b64encode(sha256(about.encode()).digest())[:32].decode()


DeliveryT_co = TypeVar("DeliveryT_co", Delivery, Push, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Generic[DeliveryT_co]):
    """A delivery leased to one sender until `until`; only the holder of `token` may write its outcome.

    `traceparent` is the trace of the event that asked for it.
    """

    delivery: DeliveryT_co
    token: UUID
    attempts: int
    until: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try at a delivery that did not end it, or the one that did."""

    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a delivery of a notification has gone so far. Without `due_at` it is over."""

    notification_id: UUID
    channel: Channel
    status: Status
    attempts: tuple[Attempt, ...]
    due_at: datetime | None
    ended_at: datetime | None


def is_address(text: str) -> bool:
    """Whether mail can be addressed to it at all: one ASCII-safe local part, one domain, nothing that ends a header."""
    if not text.isprintable() or not text.isascii() or text.count("@") != 1 or len(text) > 254:
        return False
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        return False
    return bool(address.username and address.domain)
