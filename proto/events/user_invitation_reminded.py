"""`user.invitation.reminded`: an invitation was not answered, and its address is reminded. Key: the invitation's id.

The token is good beside the one of the first mail.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from proto.events.payload import Payload


class InvitationReminded(Payload):
    TOPIC: ClassVar[str] = "user.invitation.reminded"

    invitation_id: UUID
    workspace_id: UUID
    workspace_name: str
    email: str
    role: str
    inviter_name: str
    token: str = Field(repr=False)
    expires_at: AwareDatetime
