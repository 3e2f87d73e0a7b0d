"""`comment.added`: someone commented on a task. Key: the task's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from proto.events.entities import CommentEntity, TaskEntity
from proto.events.payload import Payload


class CommentAdded(Payload):
    TOPIC: ClassVar[str] = "comment.added"

    comment: CommentEntity
    task: TaskEntity
    actor_id: UUID
