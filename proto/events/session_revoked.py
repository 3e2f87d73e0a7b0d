"""`session.revoked`: a session ended before its time. Key: the user's id."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from proto.events.payload import Payload


class SessionRevoked(Payload):
    TOPIC: ClassVar[str] = "session.revoked"

    session_id: UUID
    user_id: UUID
    reason: str
    revoked_at: AwareDatetime
