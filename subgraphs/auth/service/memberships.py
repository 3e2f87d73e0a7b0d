"""Owns who belongs to a workspace: listing, changing roles, leaving. A workspace keeps an owner, come what may."""

from __future__ import annotations

from dataclasses import dataclass

from proto.permissions import Permission, Role, may_give, permissions_of
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.memberships import Membership, MembershipId, owners_change
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.ports import Database, Stores

LARGEST_PAGE = 100


async def require(
    stores: Stores, workspace_id: WorkspaceId, user_id: UserId, permission: Permission
) -> tuple[Workspace, Membership]:
    """The workspace and the caller's membership in it.

    Raises NOT_FOUND to those who are not members, exactly as for a workspace that does not exist, and FORBIDDEN.
    """
    membership = await stores.memberships.find(workspace_id, user_id)
    workspace = await stores.workspaces.get(workspace_id)
    if workspace is None or membership is None or not membership.active:
        raise errors.not_found("workspace")
    if permission not in membership.permissions:
        raise errors.forbidden("Your role in this workspace does not allow this.")
    return workspace, membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Use cases of memberships."""

    database: Database

    async def of_user(self, user_id: UserId) -> list[Membership]:
        """The active memberships of a person, oldest first."""
        return await self.database.memberships.of_user(user_id)

    async def page(
        self, viewer: UserId, workspace_id: WorkspaceId, *, first: int, after: MembershipId | None
    ) -> tuple[list[Membership], bool]:
        """Members in the order in which they joined, and whether there are more. Raises NOT_FOUND, BAD_INPUT."""
        if not 1 <= first <= LARGEST_PAGE:
            raise errors.field_invalid("first", f"is not between 1 and {LARGEST_PAGE}")
        await require(self.database, workspace_id, viewer, Permission.MEMBERS_READ)
        found = await self.database.memberships.of_workspace(workspace_id, after=after, limit=first + 1)
        return found[:first], len(found) > first

    async def change(
        self, actor: UserId, workspace_id: WorkspaceId, user_id: UserId, role: Role | None
    ) -> tuple[Workspace, Membership]:
        """Gives a member another role, or none: the membership ends. Anybody may leave.

        Raises NOT_FOUND, FORBIDDEN, PRECONDITION_FAILED when no owner would be left, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> tuple[Workspace, Membership]:
            return await self._change(stores, actor, workspace_id, user_id, role)

        return await self.database.atomically(work)

    async def _change(
        self, stores: Stores, actor: UserId, workspace_id: WorkspaceId, user_id: UserId, role: Role | None
    ) -> tuple[Workspace, Membership]:
        leaving = actor == user_id and role is None
        needed = Permission.WORKSPACE_READ if leaving else Permission.MEMBERS_CHANGE
        workspace, mine = await require(stores, workspace_id, actor, needed)
        member = await stores.memberships.find(workspace_id, user_id)
        if member is None or not member.active:
            raise errors.not_found("member")
        given = member.permissions | permissions_of(role)
        if not leaving and not may_give(mine.permissions, given):
            raise errors.forbidden("Your role in this workspace does not allow changing this member.")
        if member.role is role:
            return workspace, member
        change = owners_change(member.role, role)
        if change:
            workspace = workspace.with_owners(change)
            if not await stores.workspaces.save(workspace):
                raise errors.contended()
        changed = member.with_role(role)
        happened = MembershipChanged(membership=changed, workspace_name=workspace.name, actor_id=actor)
        if not await stores.memberships.save(changed, happened):
            raise errors.contended()
        return workspace, changed
