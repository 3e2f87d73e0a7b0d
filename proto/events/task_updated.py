"""`task.updated`: a task changed in anything but its status. Key: the task's id."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from proto.events.entities import TaskEntity
from proto.events.payload import Payload


class TaskUpdated(Payload):
    TOPIC: ClassVar[str] = "task.updated"

    task: TaskEntity
    changed: tuple[str, ...] = ()
    previous: dict[str, Any] = Field(default_factory=dict)
    actor_id: UUID
