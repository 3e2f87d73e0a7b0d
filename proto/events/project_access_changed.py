"""`project.access.changed`: the people named see a project no more. Key: the project's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from proto.events.payload import Payload


class ProjectAccessChanged(Payload):
    TOPIC: ClassVar[str] = "project.access.changed"

    project_id: UUID
    workspace_id: UUID
    user_ids: tuple[UUID, ...]
    version: int
    actor_id: UUID
