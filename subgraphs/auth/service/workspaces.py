"""Owns creating and finding workspaces. A workspace that one is not a member of does not exist for one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from kit.clock import Clock
from kit.errors import DomainError
from proto.permissions import Role
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.users import UserId, clean_name
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId, check_slug, distinct_slug, slug_of
from subgraphs.auth.service.ports import Database, NewId, Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceContext:
    """A workspace and, when a user was named, that user's membership in it (None: there never was one)."""

    workspace: Workspace
    membership: Membership | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyWorkspace:
    """A workspace and one's own membership in it."""

    workspace: Workspace
    membership: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenants:
    """Use cases of workspaces."""

    database: Database
    clock: Clock
    new_id: NewId

    async def create(self, creator: UserId, name: str, slug: str | None) -> Workspace:
        """A workspace with its creator as owner, both or neither.

        Raises BAD_INPUT, and SLUG_TAKEN for a slug that was asked for (one made from the name gives way).
        """
        workspace_id = WorkspaceId(self.new_id())
        name = clean_name("name", name)
        workspace = Workspace(
            id=workspace_id,
            name=name,
            slug=slug_of(name, workspace_id) if slug is None else check_slug(slug),
            created_at=self.clock.now(),
        )
        try:
            await self._found(workspace, creator)
        except DomainError as error:
            if slug is not None or error.code != "SLUG_TAKEN":
                raise
            workspace = replace(workspace, slug=distinct_slug(workspace.slug, workspace_id))
            await self._found(workspace, creator)
        return workspace

    async def _found(self, workspace: Workspace, creator: UserId) -> None:
        owner = Membership(
            id=MembershipId(self.new_id()),
            workspace_id=workspace.id,
            user_id=creator,
            role=Role.OWNER,
            created_at=workspace.created_at,
        )
        began = MembershipChanged(membership=owner, workspace_name=workspace.name, actor_id=creator)

        async def work(stores: Stores) -> None:
            await stores.workspaces.add(workspace)
            await stores.memberships.add(owner, began)

        await self.database.atomically(work)

    async def visible(
        self, viewer: UserId | None, workspace_ids: Collection[WorkspaceId]
    ) -> dict[WorkspaceId, Workspace]:
        """Those of the workspaces that the viewer is a member of."""
        if viewer is None or not workspace_ids:
            return {}
        memberships = await self.database.memberships.within(workspace_ids, [viewer])
        mine = [membership.workspace_id for membership in memberships if membership.active]
        return {workspace.id: workspace for workspace in await self.database.workspaces.get_many(mine)}

    async def mine(self, viewer: UserId, *, first: int, after: MembershipId | None) -> tuple[list[MyWorkspace], bool]:
        """The viewer's workspaces in the order of joining, and whether there are more."""
        memberships = await self.database.memberships.of_user(viewer)
        rest = [one for one in memberships if after is None or one.id > after]
        page = rest[:first]
        found = {one.id: one for one in await self.database.workspaces.get_many([one.workspace_id for one in page])}
        mine = [MyWorkspace(workspace=found[one.workspace_id], membership=one) for one in page]
        return mine, len(rest) > first

    async def context(self, workspace_id: WorkspaceId, user_id: UserId | None) -> WorkspaceContext:
        """For our own services. Raises NOT_FOUND."""
        workspace = await self.database.workspaces.get(workspace_id)
        if workspace is None:
            raise errors.not_found("workspace")
        membership = None
        if user_id is not None:
            membership = await self.database.memberships.find(workspace_id, user_id)
        return WorkspaceContext(workspace=workspace, membership=membership)
