"""The replicated membership, and what a caller may do by it.

Invariant: rights come from the one table of `proto.permissions`; a caller without a membership has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from kit.idempotency import KeyUse
from proto.permissions import NOTHING, Permission, Role, permissions_of

Rights = frozenset[Permission]
"""What somebody may do in one workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A replicated membership; `role` is None once the member was removed (the row stays to know the version).

    `permissions` are those of a custom role, by name: a newer service may know more of them than this one.
    """

    workspace_id: UUID
    user_id: UUID
    role: Role | None
    version: int
    workspace_name: str = ""
    permissions: frozenset[str] = frozenset()

    @property
    def rights(self) -> Rights:
        """What the member may do."""
        return permissions_of(self.role, self.permissions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, with the rights in each workspace that is verified; `use` when it is to be done once, under a key."""

    user_id: UUID
    rights: Mapping[UUID, Rights] = field(default_factory=dict)
    use: KeyUse | None = None

    @property
    def workspaces(self) -> frozenset[UUID]:
        """The tenants whose rows this caller may touch."""
        return frozenset(self.rights)

    @property
    def confined(self) -> frozenset[UUID]:
        """The workspaces where private projects are visible to the caller only as one of their members."""
        return frozenset(one for one, held in self.rights.items() if Permission.PROJECT_PRIVATE not in held)

    def may(self, permission: Permission, workspace_id: UUID) -> bool:
        """Whether the caller holds `permission` in the workspace."""
        return permission in self.rights.get(workspace_id, NOTHING)

    def joined(self, memberships: Mapping[UUID, Rights]) -> "Caller":
        """The same caller with memberships that the token did not carry yet; the token's own rights win."""
        return replace(self, rights={**memberships, **self.rights})
