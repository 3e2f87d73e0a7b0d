"""`sla.acknowledged`: somebody took over after a breach, so the escalation stops. Key: the task's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from proto.events.payload import Payload


class SlaAcknowledged(Payload):
    TOPIC: ClassVar[str] = "sla.acknowledged"

    task_id: UUID
    workspace_id: UUID
    project_id: UUID
    due_at: AwareDatetime
    user_id: UUID
    acknowledged_at: AwareDatetime
