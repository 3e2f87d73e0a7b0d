"""Owns custom roles: named sets of permissions of one workspace. How many members hold one is counted here, in the
document that every giving and taking of it goes through, so that a role never changes or goes unseen by its holders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType
from uuid import UUID

from proto.permissions import GRANTABLE, Permission, Role, parse_permissions, permissions_of
from subgraphs.auth import errors
from subgraphs.auth.domain.users import clean_name
from subgraphs.auth.domain.workspaces import WorkspaceId

RoleId = NewType("RoleId", UUID)

Asked = Role | RoleId
"""A role as somebody asks for it: a built-in one, or a custom one by its id."""

MOST_ROLES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A role as somebody holds it: of a custom one also its id and its permissions."""

    role: Role
    role_id: RoleId | None = None
    named: frozenset[Permission] = frozenset()

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.role, self.named)


GUEST = Given(role=Role.GUEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRole:
    """A role that a workspace made for itself."""

    id: RoleId
    workspace_id: WorkspaceId
    name: str
    permissions: frozenset[Permission]
    members: int = 0
    version: int = 1
    created_at: datetime

    @property
    def given(self) -> Given:
        return Given(role=Role.CUSTOM, role_id=self.id, named=self.permissions)

    def changed(self, name: str, permissions: frozenset[Permission]) -> CustomRole:
        return replace(self, name=name, permissions=permissions, version=self.version + 1)

    def with_members(self, change: int) -> CustomRole:
        return replace(self, members=self.members + change, version=self.version + 1)


def clean_role_name(text: str) -> str:
    """Raises BAD_INPUT, also for the name of a built-in role."""
    name = clean_name("name", text)
    if name.casefold() in {role.value for role in Role}:
        raise errors.field_invalid("name", "is the name of a built-in role")
    return name


def role_key(name: str) -> str:
    """The form in which no two roles of a workspace are the same."""
    return name.casefold()


def check_permissions(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions that a custom role is to be made of. Raises BAD_INPUT for what is none or is not for giving."""
    asked = frozenset(names)
    found = parse_permissions(asked)
    refused = sorted(asked - {permission.value for permission in found & GRANTABLE})
    if refused:
        raise errors.field_invalid("permissions", f"holds what a role cannot be made of: {', '.join(refused)[:200]}")
    return found
