"""Collections `pushes` and `push_subscriptions`: what goes to devices, and which devices there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel
from pymongo import DESCENDING, IndexModel

from subgraphs.notification.domain.deliveries import Push
from subgraphs.notification.domain.subscriptions import Subscription
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.queues import DUE, MongoQueue, Waiting
from subgraphs.notification.store.transactions import Session

_KEPT = timedelta(days=30)


class MessagePart(BaseModel):
    """What the device shows, kept until it was sent."""

    title: str
    body: str
    url: str


class PushDocument(Waiting, Document):
    """A push on its way or at its end; forgotten after a month."""

    id: UUID  # type: ignore[assignment]  # derived from notification and subscription
    user_id: UUID
    subscription_id: UUID
    notification_id: UUID
    task_id: UUID | None = None
    not_before: datetime | None = None
    message: MessagePart | None = None

    class Settings:
        name = "pushes"
        keep_nulls = False
        indexes: ClassVar = [
            DUE,
            IndexModel("notification_id", name="by_notification"),
            IndexModel("created_at", name="forget", expireAfterSeconds=int(_KEPT.total_seconds())),
        ]

    @classmethod
    def of(cls, push: Push, traceparent: str | None) -> PushDocument:
        return cls(
            id=push.id,
            user_id=push.user_id,
            subscription_id=push.subscription_id,
            notification_id=push.notification_id,
            category=push.category,
            task_id=push.task_id,
            created_at=push.created_at,
            not_before=push.not_before,
            message=MessagePart(title=push.title, body=push.body, url=push.url),
            due_at=push.due_at,
            traceparent=traceparent,
        )

    def delivery(self) -> Push:
        if self.message is None:
            raise ValueError("the push is over")
        return Push(
            id=self.id,
            user_id=self.user_id,
            subscription_id=self.subscription_id,
            notification_id=self.notification_id,
            category=self.category,
            title=self.message.title,
            body=self.message.body,
            url=self.message.url,
            task_id=self.task_id,
            created_at=self.created_at,
            not_before=self.not_before,
        )


class SubscriptionDocument(Document):
    """A device that a user wants to be told on. The endpoint lets whoever knows it speak to the device."""

    id: UUID  # type: ignore[assignment]  # derived from the endpoint
    user_id: UUID
    endpoint: str
    p256dh: bytes
    auth: bytes
    created_at: datetime

    class Settings:
        name = "push_subscriptions"
        indexes: ClassVar = [IndexModel([("user_id", 1), ("created_at", DESCENDING)], name="by_user")]

    def subscription(self) -> Subscription:
        return Subscription(
            id=self.id,
            user_id=self.user_id,
            endpoint=self.endpoint,
            p256dh=self.p256dh,
            auth=self.auth,
            created_at=self.created_at,
        )


def pushes() -> MongoQueue[Push]:
    """The queue of pushes."""
    return MongoQueue(PushDocument, "message")


class MongoSubscriptions:
    """`service.ports.Subscriptions`."""

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        with reachable():
            found = await SubscriptionDocument.find({"user_id": {"$in": list(user_ids)}}).sort("-created_at").to_list()
        by_user: dict[UUID, list[Subscription]] = {}
        for document in found:
            by_user.setdefault(document.user_id, []).append(document.subscription())
        return by_user

    async def get(self, subscription_id: UUID) -> Subscription | None:
        with reachable():
            document = await SubscriptionDocument.get(subscription_id)
        return document.subscription() if document is not None else None

    async def keep(self, subscription: Subscription) -> None:
        document = SubscriptionDocument(
            id=subscription.id,
            user_id=subscription.user_id,
            endpoint=subscription.endpoint,
            p256dh=subscription.p256dh,
            auth=subscription.auth,
            created_at=subscription.created_at,
        )
        with reachable():
            await document.save()

    async def drop(self, subscription_id: UUID, user_id: UUID) -> bool:
        with reachable():
            collection = SubscriptionDocument.get_pymongo_collection()
            return (await collection.delete_one({"_id": subscription_id, "user_id": user_id})).deleted_count == 1


async def add_pushes(made: Sequence[tuple[Push, str | None]], session: Session) -> None:
    """Queues pushes, each with the trace it belongs to, as a part of a transaction."""
    if made:
        await PushDocument.insert_many([PushDocument.of(*one) for one in made], session=session)
