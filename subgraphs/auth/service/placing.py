"""Owns putting a person into a role, out of it or into another one, as part of a transaction: the membership, its event
and what is counted of it in the workspace and in custom roles, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from kit.clock import Clock
from proto.permissions import Role
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.memberships import Membership, MembershipId, owners_change
from subgraphs.auth.domain.roles import Asked, Given, RoleId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.ports import NewId, Stores


async def resolve(stores: Stores, workspace_id: WorkspaceId, asked: Asked) -> Given:
    """The role that somebody asks for. Raises NOT_FOUND for a custom role of another workspace or of none."""
    if isinstance(asked, Role):
        if asked is Role.CUSTOM:
            raise errors.field_invalid("role", "is custom: name the role by its id")
        return Given(role=asked)
    role = await stores.roles.get(asked)
    if role is None or role.workspace_id != workspace_id:
        raise errors.not_found("role")
    return role.given


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Puts people into roles."""

    clock: Clock
    new_id: NewId

    async def place(
        self, stores: Stores, workspace: Workspace, user_id: UserId, given: Given | None, actor: UserId
    ) -> tuple[Workspace, Membership]:
        """The workspace and the membership afterwards; None ends the membership, of somebody who has one.

        Raises PRECONDITION_FAILED when no owner would be left, UNAVAILABLE after a lost race.
        """
        record = await stores.memberships.find(workspace.id, user_id)
        before = record.given if record is not None and record.active else None
        workspace = await self._counted(stores, workspace, before, given)
        await _recounted(stores, None if before is None else before.role_id, None if given is None else given.role_id)
        if record is not None:
            changed = record.with_role(given)
            happened = MembershipChanged(membership=changed, workspace_name=workspace.name, actor_id=actor)
            if not await stores.memberships.save(changed, happened):
                raise errors.contended()
            return workspace, changed
        if given is None:
            raise errors.not_found("member")
        fresh = self.fresh(workspace, user_id, given)
        happened = MembershipChanged(membership=fresh, workspace_name=workspace.name, actor_id=actor)
        await stores.memberships.add(fresh, happened)
        return workspace, fresh

    def fresh(self, workspace: Workspace, user_id: UserId, given: Given) -> Membership:
        """The first record of a person in a workspace."""
        return Membership(
            id=MembershipId(self.new_id()),
            workspace_id=workspace.id,
            user_id=user_id,
            role=given.role,
            role_id=given.role_id,
            named=given.named,
            created_at=self.clock.now(),
        )

    async def _counted(
        self, stores: Stores, workspace: Workspace, before: Given | None, after: Given | None
    ) -> Workspace:
        owners, members = owners_change(before, after), int(after is not None) - int(before is not None)
        if not owners and not members:
            return workspace
        workspace = workspace.with_people(owners=owners, members=members)
        if not await stores.workspaces.save(workspace):
            raise errors.contended()
        return workspace


async def _recounted(stores: Stores, before: RoleId | None, after: RoleId | None) -> None:
    if before == after:
        return
    for role_id, change in ((before, -1), (after, 1)):
        role = None if role_id is None else await stores.roles.get(role_id)
        if role is not None and not await stores.roles.save(role.with_members(change)):
            raise errors.contended()
