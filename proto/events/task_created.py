"""`task.created`: a task exists. Key: the task's id."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from proto.events.entities import TaskEntity
from proto.events.payload import Payload


class TaskCreated(Payload):
    TOPIC: ClassVar[str] = "task.created"

    task: TaskEntity
    changed: tuple[str, ...] = ()
    previous: dict[str, Any] = Field(default_factory=dict)
    actor_id: UUID
