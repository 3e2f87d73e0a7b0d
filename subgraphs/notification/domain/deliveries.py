"""Owns a mail on its way: one Message-ID from its making to its end, however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum
from uuid import UUID

from subgraphs.notification.domain.notifications import Category


class Status(StrEnum):
    """`QUEUED` until the server took it (`SENT`) or said for good that this address takes no mail (`REFUSED`)."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, in both forms, rendered once so that every attempt sends the same."""

    subject: str
    text: str
    html: str


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
class Claim:
    """A delivery leased to one sender until `until`; only the holder of `token` may write its outcome.

    `traceparent` is the trace of the event that asked for it.
    """

    delivery: Delivery
    token: UUID
    attempts: int
    until: datetime
    traceparent: str | None = None


def is_address(text: str) -> bool:
    """Whether mail can be addressed to it at all: one ASCII-safe local part, one domain, nothing that ends a header."""
    if not text.isprintable() or not text.isascii() or text.count("@") != 1 or len(text) > 254:
        return False
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        return False
    return bool(address.username and address.domain)
