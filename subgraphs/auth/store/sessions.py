"""Owns the durable copy of sessions. A record outlives its session by some weeks, so that its end is not forgotten."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from kit.kafka.mongo import FIELD
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.refresh import Family
from subgraphs.auth.domain.sessions import Ending, Session, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.service.ports import Standing
from subgraphs.auth.store.documents import Context, Shelf, Stored
from subgraphs.auth.store.memberships import MembershipDocument
from subgraphs.auth.store.users import UserDocument

_KEPT_AFTER_EXPIRY = timedelta(days=30)


# One question in place of three: a session is proven with every request of its person.
_WITH_PERSON = (
    {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"}},
    {"$lookup": {"from": "memberships", "localField": "user_id", "foreignField": "user_id", "as": "memberships"}},
    {"$unset": [FIELD, f"user.{FIELD}", f"memberships.{FIELD}"]},
)


class FamilyPart(BaseModel):
    """The hashes of a session's refresh tokens."""

    proof_hash: bytes
    current_hash: bytes
    used_hash: bytes | None = None
    sealed: bytes | None = None
    rotated_at: datetime | None = None


class SessionDocument(Stored):
    """One session."""

    user_id: UUID
    family: FamilyPart
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    address: str | None = None
    agent: str | None = None
    epoch: int = 1
    ended_at: datetime | None = None
    ending: Ending | None = None
    purge_at: datetime

    class Settings:
        name = "sessions"
        keep_nulls = False
        indexes = (
            # Equality and then the time-ordered id: a page is one range of this index.
            IndexModel([("user_id", ASCENDING), ("ended_at", ASCENDING), ("_id", ASCENDING)], name="open"),
            IndexModel([("purge_at", ASCENDING)], name="purge", expireAfterSeconds=0),
        )

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(**asdict(session), purge_at=session.expires_at + _KEPT_AFTER_EXPIRY)

    def entity(self) -> Session:
        fields = self.plain()
        del fields["purge_at"]
        return Session(**{**fields, "family": Family(**fields["family"])})


class MongoSessions:
    """Implements `service.ports.SessionRecords`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(SessionDocument, context)

    async def get(self, session_id: SessionId) -> Session | None:
        found = await self._shelf.one({"_id": session_id})
        return None if found is None else found.entity()

    async def standing(self, session_id: SessionId) -> Standing | None:
        found = await self._shelf.gathered([{"$match": {"_id": session_id}}, *_WITH_PERSON])
        if not found or not found[0]["user"]:
            return None
        (user,), memberships = found[0].pop("user"), found[0].pop("memberships")
        entities = [MembershipDocument.model_validate(one).entity() for one in memberships if one["active"]]
        return Standing(
            session=SessionDocument.model_validate(found[0]).entity(),
            user=UserDocument.model_validate(user).entity(),
            memberships=sorted(entities, key=lambda membership: membership.id),
        )

    async def open_of(self, user_id: UserId) -> list[Session]:
        return [found.entity() for found in await self._shelf.many({"user_id": user_id, "ended_at": None})]

    async def page_of(self, user_id: UserId, now: datetime, *, after: SessionId | None, limit: int) -> list[Session]:
        criteria: dict[str, Any] = {"user_id": user_id, "ended_at": None, "expires_at": {"$gt": now}}
        if after is not None:
            criteria["_id"] = {"$lt": after}
        return [found.entity() for found in await self._shelf.many(criteria, sort="-_id", limit=limit)]

    async def add(self, session: Session) -> None:
        await self._shelf.add(SessionDocument.of(session), ())

    async def save(self, session: Session, *happenings: Happening) -> bool:
        return await self._shelf.save(SessionDocument.of(session), happenings)
