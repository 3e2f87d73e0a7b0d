"""Writes `notification.created`. The event's id follows from the notification's, so a repetition is known as one."""

from __future__ import annotations

from kit.ids import derive_id
from kit.kafka import Envelope
from proto.events import EntityRef, NotificationCreated, NotificationEntity
from subgraphs.notification.domain.notifications import Notification

SOURCE = "notification"


def notification_created(notification: Notification, unread: int, version: int, traceparent: str | None) -> Envelope:
    """The event as it was true in the commit: unread, with the count that included it. One that came back from a
    snooze has a later version and is told again, under another id.
    """
    entity = NotificationEntity(
        id=notification.id,
        user_id=notification.user_id,
        category=notification.category,
        title=notification.title,
        body=notification.body,
        workspace_id=notification.workspace_id,
        project_id=notification.project_id,
        task_id=notification.task_id,
        workspace=EntityRef(id=notification.workspace_id),
        project=EntityRef(id=notification.project_id) if notification.project_id is not None else None,
        task=EntityRef(id=notification.task_id) if notification.task_id is not None else None,
        created_at=notification.created_at,
        version=version,
    )
    return Envelope(
        id=derive_id(NotificationCreated.TOPIC, notification.id, *([version] if version > 1 else [])),
        type=NotificationCreated.TOPIC,
        source=SOURCE,
        time=notification.created_at,
        subject=str(notification.user_id),
        tenant=notification.workspace_id,
        data=NotificationCreated(notification=entity, unread_count=unread).encode(),
        traceparent=traceparent,
    )
