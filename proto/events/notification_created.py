"""`notification.created`: a notification stands in someone's inbox. Key: the user's id."""

from __future__ import annotations

from typing import ClassVar

from proto.events.entities import NotificationEntity
from proto.events.payload import Payload


class NotificationCreated(Payload):
    TOPIC: ClassVar[str] = "notification.created"

    notification: NotificationEntity
    unread_count: int
