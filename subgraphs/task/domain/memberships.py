"""Who may do what in a workspace: roles, the permission table and the replicated membership.

Invariant: nobody holds a permission that the table does not list; an unknown role is the weakest one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Role(StrEnum):
    """What a member is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"

    @classmethod
    def parse(cls, name: str) -> "Role":
        """Reads a role's name; one that this service does not know yet gives the least."""
        try:
            return cls(name.lower())
        except ValueError:
            return cls.GUEST


class Permission(StrEnum):
    """One thing that a caller may be allowed to do in a workspace."""

    READ = "read"
    PROJECT_CREATE = "project.create"
    PROJECT_UPDATE = "project.update"
    TASK_CREATE = "task.create"
    TASK_UPDATE = "task.update"
    TASK_DELETE = "task.delete"
    COMMENT_ADD = "comment.add"


_GUEST = frozenset({Permission.READ})
_MEMBER = _GUEST | {
    Permission.PROJECT_CREATE,
    Permission.TASK_CREATE,
    Permission.TASK_UPDATE,
    Permission.TASK_DELETE,
    Permission.COMMENT_ADD,
}
_ADMIN = _MEMBER | {Permission.PROJECT_UPDATE}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.OWNER: _ADMIN, Role.ADMIN: _ADMIN, Role.MEMBER: _MEMBER, Role.GUEST: _GUEST}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A replicated membership; `role` is None once the member was removed (the row stays to know the version)."""

    workspace_id: UUID
    user_id: UUID
    role: Role | None
    version: int
    workspace_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, with the role in each workspace that is verified."""

    user_id: UUID
    roles: Mapping[UUID, Role] = field(default_factory=dict)

    @property
    def workspaces(self) -> frozenset[UUID]:
        """The tenants whose rows this caller may touch."""
        return frozenset(self.roles)

    def may(self, permission: Permission, workspace_id: UUID) -> bool:
        """Whether the caller holds `permission` in the workspace."""
        role = self.roles.get(workspace_id)
        return role is not None and permission in PERMISSIONS[role]

    def joined(self, memberships: Mapping[UUID, Role]) -> "Caller":
        """The same caller with memberships that the token did not carry yet; the token's own roles win."""
        return Caller(user_id=self.user_id, roles={**memberships, **self.roles})
