"""Collection `deliveries`. `due_at` is both the schedule and the lease: a claim moves it behind the end of the lease,
and an outcome takes it away. What has no `due_at` is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel

from kit.ids import new_id
from subgraphs.notification.domain.deliveries import Claim, Delivery, Letter, Status
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session


class LetterPart(BaseModel):
    """The rendered mail, kept until it was sent."""

    subject: str
    text: str
    html: str


class DeliveryDocument(Document):
    """A mail on its way or at its end."""

    id: UUID  # type: ignore[assignment]  # the notification's, where there is one
    recipient: str
    category: Category
    workspace_id: UUID | None = None
    task_id: UUID | None = None
    created_at: datetime
    user_id: UUID | None = None
    status: Status = Status.QUEUED
    attempts: int = 0
    reason: str | None = None
    ended_at: datetime | None = None
    letter: LetterPart | None = None
    due_at: datetime | None = None
    claim: UUID | None = None
    traceparent: str | None = None

    class Settings:
        name = "deliveries"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("due_at", name="due", sparse=True)]

    def as_claim(self) -> Claim:
        if self.letter is None or self.due_at is None or self.claim is None:
            raise ValueError("the delivery is not claimed")
        letter = Letter(subject=self.letter.subject, text=self.letter.text, html=self.letter.html)
        delivery = Delivery(
            id=self.id,
            recipient=self.recipient,
            letter=letter,
            category=self.category,
            workspace_id=self.workspace_id,
            task_id=self.task_id,
            created_at=self.created_at,
            user_id=self.user_id,
        )
        return Claim(
            delivery=delivery,
            token=self.claim,
            attempts=self.attempts,
            until=self.due_at,
            traceparent=self.traceparent,
        )


class MongoDeliveries:
    """`service.ports.Deliveries`."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        collection = DeliveryDocument.get_pymongo_collection()
        due = {"due_at": {"$lte": now}}
        with reachable():
            ids = [found["_id"] async for found in collection.find(due, {"_id": 1}).sort("due_at", 1).limit(limit)]
            if not ids:
                return []
            token = new_id()
            taken = {"$set": {"due_at": now + lease, "claim": token}, "$inc": {"attempts": 1}}
            await collection.update_many({"_id": {"$in": ids}, **due}, taken)
            mine = await DeliveryDocument.find({"_id": {"$in": ids}, "claim": token}).to_list()
        return [document.as_claim() for document in mine]

    async def mark_sent(self, claim: Claim, at: datetime) -> None:
        await self._end(claim, Status.SENT, at, None)

    async def refuse(self, claim: Claim, at: datetime, reason: str) -> None:
        await self._end(claim, Status.REFUSED, at, reason)

    async def put_off(self, claim: Claim, until: datetime, reason: str) -> None:
        await self._write(claim, {"$set": {"due_at": until, "reason": reason}, "$unset": {"claim": ""}})

    async def release(self, claims: Collection[Claim], due: datetime) -> None:
        for claim in claims:
            await self._write(claim, {"$set": {"due_at": due}, "$inc": {"attempts": -1}, "$unset": {"claim": ""}})

    async def _end(self, claim: Claim, status: Status, at: datetime, reason: str | None) -> None:
        done: dict[str, Any] = {"status": status.value, "ended_at": at}
        if reason is not None:
            done["reason"] = reason
        # The letter may hold the token of an invitation; nobody needs it any more.
        await self._write(claim, {"$set": done, "$unset": {"due_at": "", "claim": "", "letter": ""}})

    async def _write(self, claim: Claim, change: dict[str, Any]) -> None:
        held = {"_id": claim.delivery.id, "claim": claim.token}
        with reachable():
            await DeliveryDocument.get_pymongo_collection().update_one(held, change)


async def add_deliveries(deliveries: Sequence[tuple[Delivery, str | None]], session: Session) -> None:
    """Queues mails, each with the trace it belongs to, as a part of a transaction."""
    if deliveries:
        await DeliveryDocument.insert_many([_queued(*one) for one in deliveries], session=session)


def _queued(delivery: Delivery, traceparent: str | None) -> DeliveryDocument:
    letter = LetterPart(subject=delivery.letter.subject, text=delivery.letter.text, html=delivery.letter.html)
    return DeliveryDocument(
        id=delivery.id,
        recipient=delivery.recipient,
        category=delivery.category,
        workspace_id=delivery.workspace_id,
        task_id=delivery.task_id,
        created_at=delivery.created_at,
        letter=letter,
        user_id=delivery.user_id,
        due_at=delivery.due_at,
        traceparent=traceparent,
    )
