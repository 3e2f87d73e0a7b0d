"""`sla.policy.changed`: a project's SLA policy has a new version. Key: the project's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from proto.events.payload import Payload


class SlaPolicyChanged(Payload):
    TOPIC: ClassVar[str] = "sla.policy.changed"

    project_id: UUID
    workspace_id: UUID
    version: int
    actor_id: UUID
