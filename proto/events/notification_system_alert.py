"""`notification.system.alert`: a durable workflow found that people must be told. Key: the task's id."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from proto.events.payload import Payload


class SystemAlert(Payload):
    TOPIC: ClassVar[str] = "notification.system.alert"

    kind: Literal["sla.reminder", "sla.escalation"]
    workspace_id: UUID
    task_id: UUID
    project_id: UUID
    task_key: str
    title: str
    recipient_ids: tuple[UUID, ...]
    due_at: AwareDatetime
    fired_at: AwareDatetime
    late: bool
    task_version: int
