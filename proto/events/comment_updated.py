"""`comment.updated`: a comment was edited or deleted, or somebody reacted to it. Key: the task's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from proto.events.entities import CommentEntity, TaskEntity
from proto.events.payload import Payload


class CommentUpdated(Payload):
    TOPIC: ClassVar[str] = "comment.updated"

    comment: CommentEntity
    task: TaskEntity
    actor_id: UUID
