"""Writes `notification.created`. The event's id follows from the notification's, so a repetition is known as one."""

from __future__ import annotations

from kit.ids import derive_id
from kit.kafka import Envelope
from proto.events import NotificationCreated, NotificationEntity
from subgraphs.notification.domain.notifications import Notification

SOURCE = "notification"


def notification_created(notification: Notification, unread: int, traceparent: str | None) -> Envelope:
    """The event as it was true in the commit: unread, with the count that included it."""
    entity = NotificationEntity(
        id=notification.id,
        user_id=notification.user_id,
        category=notification.category,
        title=notification.title,
        body=notification.body,
        workspace_id=notification.workspace_id,
        task_id=notification.task_id,
        created_at=notification.created_at,
        version=1,
    )
    return Envelope(
        id=derive_id(NotificationCreated.TOPIC, notification.id),
        type=NotificationCreated.TOPIC,
        source=SOURCE,
        time=notification.created_at,
        subject=str(notification.user_id),
        tenant=notification.workspace_id,
        data=NotificationCreated(notification=entity, unread_count=unread).encode(),
        traceparent=traceparent,
    )
