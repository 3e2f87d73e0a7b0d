"""Owns how deliveries wait. `due_at` is both the schedule and the lease: a claim moves it behind the end of the lease,
and an outcome takes it away. What has no `due_at` is done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import IndexModel

from kit.ids import new_id
from subgraphs.notification.domain.deliveries import Attempt, Claim, Course, Delivery, Push, Status
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import Channel
from subgraphs.notification.store.mongo import reachable

_ATTEMPTS_KEPT = 20

DUE = IndexModel("due_at", name="due", sparse=True)


class AttemptPart(BaseModel):
    """One try, and why it was not the last."""

    at: datetime
    reason: str | None = None


class Waiting(BaseModel):
    """What a document of any queue has."""

    user_id: UUID | None = None
    category: Category
    created_at: datetime
    status: Status = Status.QUEUED
    attempts: int = 0
    history: list[AttemptPart] = Field(default_factory=list)
    ended_at: datetime | None = None
    due_at: datetime | None = None
    claim: UUID | None = None
    traceparent: str | None = None

    def course(self, notification_id: UUID, channel: Channel) -> Course:
        return Course(
            notification_id=notification_id,
            channel=channel,
            status=self.status,
            attempts=tuple(Attempt(at=attempt.at, reason=attempt.reason) for attempt in self.history),
            due_at=self.due_at,
            ended_at=self.ended_at,
        )


DeliveryT = TypeVar("DeliveryT", Delivery, Push)
DeliveryT_co = TypeVar("DeliveryT_co", Delivery, Push, covariant=True)


class Queued(Protocol[DeliveryT_co]):
    """A document of the queue of one kind of delivery."""

    attempts: int
    due_at: datetime | None
    claim: UUID | None
    traceparent: str | None

    def delivery(self) -> DeliveryT_co: ...


class MongoQueue(Generic[DeliveryT]):
    """`service.ports.Deliveries` on one collection; `content` is the field that nobody needs once it is over."""

    def __init__(self, document: type[Document], content: str) -> None:
        self._document = document
        self._content = content

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim[DeliveryT]]:
        collection = self._document.get_pymongo_collection()
        due = {"due_at": {"$lte": now}}
        with reachable():
            ids = [found["_id"] async for found in collection.find(due, {"_id": 1}).sort("due_at", 1).limit(limit)]
            if not ids:
                return []
            token = new_id()
            taken = {"$set": {"due_at": now + lease, "claim": token}, "$inc": {"attempts": 1}}
            await collection.update_many({"_id": {"$in": ids}, **due}, taken)
            mine: list[Any] = await self._document.find({"_id": {"$in": ids}, "claim": token}).to_list()
        return [_claimed(document) for document in mine]

    async def next_due(self) -> datetime | None:
        collection = self._document.get_pymongo_collection()
        with reachable():
            first: Any = await collection.find_one({"due_at": {"$exists": True}}, {"due_at": 1}, sort=[("due_at", 1)])
        return first["due_at"] if first is not None else None

    async def mark_sent(self, claim: Claim[DeliveryT], at: datetime) -> None:
        await self._end(claim, Status.SENT, at, None)

    async def refuse(self, claim: Claim[DeliveryT], at: datetime, reason: str) -> None:
        await self._end(claim, Status.REFUSED, at, reason)

    async def put_off(self, claim: Claim[DeliveryT], at: datetime, until: datetime, reason: str) -> None:
        await self._write(claim, {"$set": {"due_at": until}, "$unset": {"claim": ""}, **_noted(at, reason)})

    async def release(self, claims: Collection[Claim[DeliveryT]], due: datetime) -> None:
        for claim in claims:
            await self._write(claim, {"$set": {"due_at": due}, "$inc": {"attempts": -1}, "$unset": {"claim": ""}})

    async def _end(self, claim: Claim[DeliveryT], status: Status, at: datetime, reason: str | None) -> None:
        # The content may hold the token of an invitation; nobody needs it any more.
        gone = {"due_at": "", "claim": "", self._content: ""}
        done = {"status": status.value, "ended_at": at}
        await self._write(claim, {"$set": done, "$unset": gone, **_noted(at, reason)})

    async def _write(self, claim: Claim[DeliveryT], change: Mapping[str, Any]) -> None:
        held = {"_id": claim.delivery.id, "claim": claim.token}
        with reachable():
            await self._document.get_pymongo_collection().update_one(held, change)


def _claimed(document: Queued[DeliveryT]) -> Claim[DeliveryT]:
    if document.due_at is None or document.claim is None:
        raise ValueError("the delivery is not claimed")
    return Claim(
        delivery=document.delivery(),
        token=document.claim,
        attempts=document.attempts,
        until=document.due_at,
        traceparent=document.traceparent,
    )


def _noted(at: datetime, reason: str | None) -> dict[str, Any]:
    attempt = AttemptPart(at=at, reason=reason).model_dump(exclude_none=True)
    return {"$push": {"history": {"$each": [attempt], "$slice": -_ATTEMPTS_KEPT}}}
