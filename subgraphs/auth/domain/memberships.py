"""Owns who belongs to a workspace and as what. A membership that ended stays as a record without a role, so that its
version only ever grows and a late event cannot bring it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType
from uuid import UUID

from proto.permissions import Permission, Role, permissions_of
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId

MembershipId = NewType("MembershipId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One person in one workspace; without a role it has ended."""

    id: MembershipId
    workspace_id: WorkspaceId
    user_id: UserId
    role: Role | None
    version: int = 1
    created_at: datetime

    @property
    def active(self) -> bool:
        return self.role is not None

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.role)

    def with_role(self, role: Role | None) -> Membership:
        return replace(self, role=role, version=self.version + 1)


def owners_change(before: Role | None, after: Role | None) -> int:
    """By how much the number of owners changes."""
    return int(after is Role.OWNER) - int(before is Role.OWNER)
