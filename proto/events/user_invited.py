"""`user.invited`: someone was invited into a workspace by e-mail. Key: the invitation's id.

`round` counts how often the same invitation was sent: a later round has a token and an end of its own.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from proto.events.payload import Payload


class UserInvited(Payload):
    TOPIC: ClassVar[str] = "user.invited"

    invitation_id: UUID
    workspace_id: UUID
    workspace_name: str
    email: str
    role: str
    inviter_id: UUID
    inviter_name: str
    token: str
    expires_at: AwareDatetime
    round: int = 1
