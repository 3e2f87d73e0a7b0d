"""`recurrence.changed`: a series of recurring tasks came, changed, paused, went on or ended. Key: the series' id."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from proto.events.payload import Part, Payload


class RecurrenceRef(Part):
    id: UUID
    workspace_id: UUID
    project_id: UUID
    state: Literal["ACTIVE", "PAUSED", "ENDED"]
    version: int


class RecurrenceChanged(Payload):
    TOPIC: ClassVar[str] = "recurrence.changed"

    recurrence: RecurrenceRef
    actor_id: UUID
