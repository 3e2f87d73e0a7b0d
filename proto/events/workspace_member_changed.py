"""`workspace.member.changed`: a membership began, changed its role or ended. Key: the workspace's id.

`role` is owner, admin, member, guest or custom; `permissions` are those of a custom role, by name
(`proto/permissions.py`), and empty otherwise.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from proto.events.payload import Payload


class WorkspaceMemberChanged(Payload):
    TOPIC: ClassVar[str] = "workspace.member.changed"

    workspace_id: UUID
    workspace_name: str
    user_id: UUID
    role: str | None
    permissions: tuple[str, ...] = ()
    version: int
    actor_id: UUID
