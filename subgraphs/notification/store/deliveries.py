"""Collection `deliveries`: the mails."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel

from subgraphs.notification.domain.deliveries import Course, Delivery, Letter
from subgraphs.notification.domain.preferences import Channel
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.pushes import PushDocument
from subgraphs.notification.store.queues import DUE, MongoQueue, Waiting
from subgraphs.notification.store.transactions import Session


class LetterPart(BaseModel):
    """The rendered mail, kept until it was sent."""

    subject: str
    text: str
    html: str
    unsubscribe: str | None = None


class DeliveryDocument(Waiting, Document):
    """A mail on its way or at its end."""

    id: UUID  # type: ignore[assignment]  # the notification's, where there is one
    recipient: str
    workspace_id: UUID | None = None
    task_id: UUID | None = None
    letter: LetterPart | None = None

    class Settings:
        name = "deliveries"
        keep_nulls = False
        indexes: ClassVar = [DUE]

    @classmethod
    def of(cls, delivery: Delivery, traceparent: str | None) -> DeliveryDocument:
        letter = delivery.letter
        return cls(
            id=delivery.id,
            recipient=delivery.recipient,
            category=delivery.category,
            workspace_id=delivery.workspace_id,
            task_id=delivery.task_id,
            created_at=delivery.created_at,
            user_id=delivery.user_id,
            letter=LetterPart(
                subject=letter.subject, text=letter.text, html=letter.html, unsubscribe=letter.unsubscribe
            ),
            due_at=delivery.due_at,
            traceparent=traceparent,
        )

    def delivery(self) -> Delivery:
        if self.letter is None:
            raise ValueError("the delivery is over")
        letter = self.letter
        return Delivery(
            id=self.id,
            recipient=self.recipient,
            letter=Letter(subject=letter.subject, text=letter.text, html=letter.html, unsubscribe=letter.unsubscribe),
            category=self.category,
            workspace_id=self.workspace_id,
            task_id=self.task_id,
            created_at=self.created_at,
            user_id=self.user_id,
        )


def mails() -> MongoQueue[Delivery]:
    """The queue of mails."""
    return MongoQueue(DeliveryDocument, "letter")


class MongoCourses:
    """`service.ports.Courses`."""

    async def of(self, user_id: UUID, notification_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Course]]:
        ids = list(notification_ids)
        courses: dict[UUID, list[Course]] = {}
        with reachable():
            mails = await DeliveryDocument.find({"_id": {"$in": ids}, "user_id": user_id}).to_list()
            pushes = await PushDocument.find({"notification_id": {"$in": ids}, "user_id": user_id}).to_list()
        for mail in mails:
            courses.setdefault(mail.id, []).append(mail.course(mail.id, Channel.EMAIL))
        for push in pushes:
            found = push.course(push.notification_id, Channel.WEB_PUSH)
            courses.setdefault(push.notification_id, []).append(found)
        return courses


async def add_deliveries(deliveries: Sequence[tuple[Delivery, str | None]], session: Session) -> None:
    """Queues mails, each with the trace it belongs to, as a part of a transaction."""
    if deliveries:
        await DeliveryDocument.insert_many([DeliveryDocument.of(*one) for one in deliveries], session=session)
