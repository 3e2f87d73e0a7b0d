"""Owns who belongs to a workspace and as what. A membership that ended stays as a record without a role, so that its
version only ever grows and a late event cannot bring it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType
from uuid import UUID

from proto.permissions import NOTHING, Permission, Role
from subgraphs.auth.domain.roles import Given, RoleId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId

MembershipId = NewType("MembershipId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One person in one workspace; without a role it has ended.

    `named` is what the custom role `role_id` allows, copied here so that a session is proven without asking for it.
    Suspended is a member of a workspace that is deleted, for as long as it is.
    """

    id: MembershipId
    workspace_id: WorkspaceId
    user_id: UserId
    role: Role | None
    role_id: RoleId | None = None
    named: frozenset[Permission] = frozenset()
    suspended: bool = False
    version: int = 1
    created_at: datetime

    @property
    def active(self) -> bool:
        return self.role is not None and not self.suspended

    @property
    def given(self) -> Given | None:
        return None if self.role is None else Given(role=self.role, role_id=self.role_id, named=self.named)

    @property
    def permissions(self) -> frozenset[Permission]:
        return NOTHING if self.suspended or self.given is None else self.given.permissions

    def with_role(self, given: Given | None) -> Membership:
        return replace(
            self,
            role=None if given is None else given.role,
            role_id=None if given is None else given.role_id,
            named=frozenset() if given is None else given.named,
            version=self.version + 1,
        )

    def with_suspended(self, suspended: bool) -> Membership:
        return replace(self, suspended=suspended, version=self.version + 1)


def owners_change(before: Given | None, after: Given | None) -> int:
    """By how much the number of owners changes."""
    return int(_owns(after)) - int(_owns(before))


def _owns(given: Given | None) -> bool:
    return given is not None and given.role is Role.OWNER
