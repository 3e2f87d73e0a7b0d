"""Owns who may do what in a workspace: one table for every service, deny by default.

Every field, route, gRPC method and live event that depends on a role asks here. A custom role is a set of permissions
by name; it travels beside the role's name, in the internal token, in `VerifySession`, `GetWorkspaceContext` and in
`workspace.member.changed`. Whoever belongs to a workspace may at least what a guest may; a role or a permission that
this version does not know gives nothing beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a member is in a workspace, from most to least; a custom role is what its permissions say."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    CUSTOM = "custom"

    @classmethod
    def parse(cls, name: str) -> Role:
        """Reads a role's name; one that is not known gives the least."""
        try:
            return cls(name.lower())
        except ValueError:
            return cls.GUEST


class Permission(StrEnum):
    """One thing that somebody may be allowed to do in a workspace."""

    WORKSPACE_READ = "workspace.read"
    WORKSPACE_UPDATE = "workspace.update"
    WORKSPACE_DELETE = "workspace.delete"
    WORKSPACE_TRANSFER = "workspace.transfer"
    MEMBERS_READ = "members.read"
    MEMBERS_INVITE = "members.invite"
    MEMBERS_CHANGE = "members.change"
    ROLES_MANAGE = "roles.manage"
    AUDIT_READ = "audit.read"
    PROJECT_READ = "project.read"
    PROJECT_CREATE = "project.create"
    PROJECT_UPDATE = "project.update"
    PROJECT_DELETE = "project.delete"
    PROJECT_PRIVATE = "project.private"
    TASK_CREATE = "task.create"
    TASK_UPDATE = "task.update"
    TASK_DELETE = "task.delete"
    COMMENT_ADD = "comment.add"
    SLA_MANAGE = "sla.manage"
    RECURRENCE_MANAGE = "recurrence.manage"


MEANING: Mapping[Permission, str] = MappingProxyType(
    {
        Permission.WORKSPACE_READ: "see the workspace",
        Permission.WORKSPACE_UPDATE: "rename the workspace, change its slug",
        Permission.WORKSPACE_DELETE: "delete the workspace and restore it",
        Permission.WORKSPACE_TRANSFER: "hand the ownership over",
        Permission.MEMBERS_READ: "see who belongs to the workspace",
        Permission.MEMBERS_INVITE: "invite people; see, repeat and revoke invitations",
        Permission.MEMBERS_CHANGE: "change the roles of members, remove members",
        Permission.ROLES_MANAGE: "create, change and delete custom roles",
        Permission.AUDIT_READ: "read the audit log",
        Permission.PROJECT_READ: "see the projects that are not private, their tasks and comments",
        Permission.PROJECT_CREATE: "create projects",
        Permission.PROJECT_UPDATE: "change projects that one does not lead",
        Permission.PROJECT_DELETE: "delete projects and restore them",
        Permission.PROJECT_PRIVATE: "see private projects that one is not a member of",
        Permission.TASK_CREATE: "create tasks",
        Permission.TASK_UPDATE: "change tasks",
        Permission.TASK_DELETE: "delete tasks and restore them",
        Permission.COMMENT_ADD: "comment on tasks",
        Permission.SLA_MANAGE: "change the SLA policies of projects",
        Permission.RECURRENCE_MANAGE: "change the recurring tasks of projects",
    }
)
"""What a permission lets one do."""

OWNERS_ONLY = frozenset({Permission.WORKSPACE_DELETE, Permission.WORKSPACE_TRANSFER})
"""What no role but the owner's may hold."""

_GUEST = frozenset({Permission.WORKSPACE_READ, Permission.MEMBERS_READ, Permission.PROJECT_READ})
_MEMBER = _GUEST | {
    Permission.PROJECT_CREATE,
    Permission.TASK_CREATE,
    Permission.TASK_UPDATE,
    Permission.TASK_DELETE,
    Permission.COMMENT_ADD,
    Permission.RECURRENCE_MANAGE,
}
_OWNER = frozenset(Permission)
_ADMIN = _OWNER - OWNERS_ONLY

TABLE: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.OWNER: _OWNER, Role.ADMIN: _ADMIN, Role.MEMBER: _MEMBER, Role.GUEST: _GUEST, Role.CUSTOM: _GUEST}
)
"""The permissions of each role; a custom role's own come on top."""

GRANTABLE = _ADMIN - _GUEST
"""What a custom role may be made of: everybody has the rest anyway, or nobody but an owner."""

NOTHING: frozenset[Permission] = frozenset()


def permissions_of(role: str | None, named: Iterable[str] = ()) -> frozenset[Permission]:
    """What a holder of the role may do; `named` are the permissions of a custom role. Without a role: nothing."""
    if role is None:
        return NOTHING
    parsed = Role.parse(role)
    if parsed is not Role.CUSTOM:
        return TABLE[parsed]
    return TABLE[Role.CUSTOM] | (parse_permissions(named) & GRANTABLE)


def parse_permissions(named: Iterable[str]) -> frozenset[Permission]:
    """The permissions among the names; others are of another version and give nothing."""
    return frozenset(Permission(name) for name in named if name in _NAMES)


def may_give(mine: frozenset[Permission], given: frozenset[Permission]) -> bool:
    """Whether a holder of `mine` may give `given` to somebody or take it: nobody gives more than they have."""
    return given <= mine


_NAMES = frozenset(permission.value for permission in Permission)
