"""Owns how long a session lives and how it ends. A session that ended stays ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from subgraphs.auth.domain.refresh import Family
from subgraphs.auth.domain.users import UserId

SessionId = NewType("SessionId", UUID)


class Ending(StrEnum):
    """Why a session ended before its time."""

    LOGOUT = "logout"
    LOGOUT_EVERYWHERE = "logout_everywhere"
    REVOKED = "revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a reason
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a reason
    REFRESH_REUSED = "refresh_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The durations that the operator decides on."""

    access: timedelta = timedelta(minutes=10)
    idle: timedelta = timedelta(days=14)
    longest: timedelta = timedelta(days=90)
    grace: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where a request comes from, as the edge saw it, and what it says it is."""

    address: str | None = None
    agent: str | None = None


NOWHERE = Client()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login on one device, until it is idle for too long, too old, or ended.

    `epoch` is the account's when the session was opened, or when its own person changed the password in it.
    """

    id: SessionId
    user_id: UserId
    family: Family
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    address: str | None = None
    agent: str | None = None
    epoch: int = 1
    ended_at: datetime | None = None
    ending: Ending | None = None
    version: int = 1

    @property
    def last_seen_at(self) -> datetime:
        """When it was opened or last refreshed, which a client does every few minutes while it is used."""
        return self.seen_at or self.created_at

    def alive(self, now: datetime, epoch: int) -> bool:
        """Whether it lives, for an account of this epoch."""
        return self.ended_at is None and now < self.expires_at and self.epoch == epoch

    def refreshed(self, family: Family, now: datetime, lives: Lives, client: Client = NOWHERE) -> Session:
        return replace(
            self,
            family=family,
            expires_at=expiry(self.created_at, now, lives),
            seen_at=now,
            address=client.address or self.address,
            agent=client.agent or self.agent,
            version=self.version + 1,
        )

    def of_epoch(self, epoch: int) -> Session:
        return replace(self, epoch=epoch, version=self.version + 1)

    def ended(self, ending: Ending, now: datetime) -> Session:
        return replace(self, ended_at=now, ending=ending, version=self.version + 1)


def expiry(created_at: datetime, refreshed_at: datetime, lives: Lives) -> datetime:
    """When a session ends by itself: idle for too long, or at the end of its longest life."""
    return min(refreshed_at + lives.idle, created_at + lives.longest)
