"""What this service announces beside the changes of tasks and comments, as data that need no translation.

Invariant: the announcements of one subject are written under the lock of its row, so they are sent in their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One event: `data` are exactly what `proto.events` says of the topic."""

    event_id: UUID
    topic: str
    subject: UUID
    workspace_id: UUID
    at: datetime
    data: Mapping[str, Any]
