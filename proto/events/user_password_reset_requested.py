"""`user.password.reset.requested`: someone asked for a way to choose a new password. Key: the request's id.

The token is a secret that works once: it is in no other place but here and in the mail.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from proto.events.payload import Payload


class PasswordResetRequested(Payload):
    TOPIC: ClassVar[str] = "user.password.reset.requested"

    request_id: UUID
    user_id: UUID
    email: str
    display_name: str
    locale: str
    token: str = Field(repr=False)
    expires_at: AwareDatetime
