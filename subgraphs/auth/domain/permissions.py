"""Owns who may do what in a workspace: one table, deny by default. Everything that checks a role asks here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from subgraphs.auth.domain.memberships import Role


class Permission(StrEnum):
    """What a role may allow."""

    WORKSPACE_READ = "workspace.read"
    MEMBERS_READ = "members.read"
    MEMBERS_INVITE = "members.invite"
    MEMBERS_CHANGE = "members.change"


_READ = frozenset({Permission.WORKSPACE_READ, Permission.MEMBERS_READ})
_ALL = frozenset(Permission)

TABLE: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.OWNER: _ALL, Role.ADMIN: _ALL, Role.MEMBER: _READ, Role.GUEST: _READ}
)
"""The permissions of each role."""

GRANTS: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Role),
        Role.ADMIN: frozenset({Role.ADMIN, Role.MEMBER, Role.GUEST}),
        Role.MEMBER: frozenset(),
        Role.GUEST: frozenset(),
    }
)
"""The roles that each role may give and take."""


def allows(role: Role | None, permission: Permission) -> bool:
    return role is not None and permission in TABLE[role]


def may_grant(role: Role | None, granted: Role | None) -> bool:
    """Whether a holder of `role` may give or take `granted`; taking a membership away is granting no role."""
    return role is not None and (granted is None or granted in GRANTS[role])
