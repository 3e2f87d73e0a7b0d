"""Owns what a workspace remembers of who changed what in it. An entry is written with its change and never altered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId

EntryId = NewType("EntryId", UUID)


class Action(StrEnum):
    """What was done."""

    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_UPDATED = "workspace.updated"
    WORKSPACE_DELETED = "workspace.deleted"
    WORKSPACE_RESTORED = "workspace.restored"
    WORKSPACE_TRANSFERRED = "workspace.transferred"
    MEMBER_JOINED = "member.joined"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    INVITATION_SENT = "invitation.sent"
    INVITATION_RESENT = "invitation.resent"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_EXPIRED = "invitation.expired"
    ROLE_CREATED = "role.created"
    ROLE_UPDATED = "role.updated"
    ROLE_DELETED = "role.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done; `actor_id` is empty where a clock did it, `subject_id` is the person it was done to."""

    id: EntryId
    workspace_id: WorkspaceId
    at: datetime
    action: Action
    actor_id: UserId | None
    subject_id: UserId | None = None
    details: Mapping[str, str] = field(default_factory=dict)
