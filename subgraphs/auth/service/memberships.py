"""Owns who belongs to a workspace: listing, changing roles, leaving. A workspace keeps an owner, come what may."""

from __future__ import annotations

from dataclasses import dataclass

from proto.permissions import Permission, Role
from subgraphs.auth import errors
from subgraphs.auth.domain.audit import Action
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import Asked, Given
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.service.audit import Recorder
from subgraphs.auth.service.membership_check import require, require_giving
from subgraphs.auth.service.placing import Placing, resolve
from subgraphs.auth.service.ports import Database, Stores

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Use cases of memberships."""

    database: Database
    placing: Placing
    recorder: Recorder

    async def of_user(self, user_id: UserId) -> list[Membership]:
        """The active memberships of a person, oldest first."""
        return await self.database.memberships.of_user(user_id)

    async def mine(self, viewer: UserId, workspace_id: WorkspaceId) -> Membership:
        """The viewer's own membership. Raises NOT_FOUND."""
        _, membership = await require(self.database, workspace_id, viewer, Permission.WORKSPACE_READ)
        return membership

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
        self, actor: UserId, workspace_id: WorkspaceId, user_id: UserId, asked: Asked | None
    ) -> tuple[Workspace, Membership]:
        """Gives a member another role, or none: the membership ends. Anybody may leave.

        Raises NOT_FOUND, FORBIDDEN, PRECONDITION_FAILED when no owner would be left, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> tuple[Workspace, Membership]:
            return await self._change(stores, actor, workspace_id, user_id, asked)

        return await self.database.atomically(work)

    async def _change(
        self, stores: Stores, actor: UserId, workspace_id: WorkspaceId, user_id: UserId, asked: Asked | None
    ) -> tuple[Workspace, Membership]:
        leaving = actor == user_id and asked is None
        needed = Permission.WORKSPACE_READ if leaving else Permission.MEMBERS_CHANGE
        workspace, mine = await require(stores, workspace_id, actor, needed)
        member = await stores.memberships.find(workspace_id, user_id)
        if member is None or not member.active:
            raise errors.not_found("member")
        given = None if asked is None else await resolve(stores, workspace_id, asked)
        if not leaving:
            require_giving(mine, member.permissions, *(() if given is None else (given.permissions,)))
        if member.given == given:
            return workspace, member
        placed = await self.placing.place(stores, workspace, user_id, given, actor)
        await self._noted(stores, workspace_id, actor, member, given)
        return placed

    async def _noted(
        self, stores: Stores, workspace_id: WorkspaceId, actor: UserId, before: Membership, given: Given | None
    ) -> None:
        told = {"before": _name(before.given)}
        if given is None:
            action = Action.MEMBER_LEFT if before.user_id == actor else Action.MEMBER_REMOVED
        else:
            action = Action.MEMBER_CHANGED
            told["after"] = _name(given)
        await self.recorder.note(stores, action, workspace_id, actor, before.user_id, **told)

    async def transfer(self, actor: UserId, workspace_id: WorkspaceId, user_id: UserId) -> tuple[Workspace, Membership]:
        """Makes a member an owner and the caller, an owner, an admin: both or neither.

        Raises NOT_FOUND, FORBIDDEN, BAD_INPUT for handing over to oneself, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> tuple[Workspace, Membership]:
            workspace, _ = await require(stores, workspace_id, actor, Permission.WORKSPACE_TRANSFER)
            heir = await stores.memberships.find(workspace_id, user_id)
            if heir is None or not heir.active:
                raise errors.not_found("member")
            if user_id == actor:
                raise errors.field_invalid("userId", "is you")
            if heir.role is not Role.OWNER:
                workspace, heir = await self.placing.place(stores, workspace, user_id, Given(role=Role.OWNER), actor)
            workspace, _ = await self.placing.place(stores, workspace, actor, Given(role=Role.ADMIN), actor)
            await self.recorder.note(stores, Action.WORKSPACE_TRANSFERRED, workspace_id, actor, user_id)
            return workspace, heir

        return await self.database.atomically(work)


def _name(given: Given | None) -> str:
    """A role in the audit log: built-in ones by name, custom ones by their id too, as names may change."""
    if given is None:
        return "none"
    return given.role.value if given.role_id is None else f"{given.role.value} {given.role_id}"
