"""Owns founding, finding, renaming, deleting and restoring workspaces. A workspace that one is not a member of does not
exist for one; neither does one that is deleted, whose members are suspended in the same commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from kit.clock import Clock
from kit.errors import DomainError
from proto.permissions import Permission, Role
from subgraphs.auth import errors
from subgraphs.auth.domain.audit import Action
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import Given
from subgraphs.auth.domain.users import UserId, clean_name
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId, check_slug, distinct_slug, slug_of
from subgraphs.auth.service.audit import Recorder
from subgraphs.auth.service.membership_check import require
from subgraphs.auth.service.placing import Placing
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
    placing: Placing
    recorder: Recorder
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
            return await self._found(workspace, creator)
        except DomainError as error:
            if slug is not None or error.code != "SLUG_TAKEN":
                raise
        return await self._found(replace(workspace, slug=distinct_slug(workspace.slug, workspace_id)), creator)

    async def _found(self, workspace: Workspace, creator: UserId) -> Workspace:
        owner = self.placing.fresh(workspace, creator, Given(role=Role.OWNER))
        began = MembershipChanged(membership=owner, workspace_name=workspace.name, actor_id=creator)

        async def work(stores: Stores) -> Workspace:
            await stores.workspaces.add(workspace)
            await stores.memberships.add(owner, began)
            await self._noted(stores, Action.WORKSPACE_CREATED, creator, workspace)
            return workspace

        return await self.database.atomically(work)

    async def update(self, actor: UserId, workspace_id: WorkspaceId, name: str | None, slug: str | None) -> Workspace:
        """Renames a workspace, or gives it another slug, free for others from then on; None leaves as it is.

        Raises BAD_INPUT, NOT_FOUND, FORBIDDEN, SLUG_TAKEN, UNAVAILABLE after lost races.
        """
        named = None if name is None else clean_name("name", name)
        slugged = None if slug is None else check_slug(slug)

        async def work(stores: Stores) -> Workspace:
            workspace, _ = await require(stores, workspace_id, actor, Permission.WORKSPACE_UPDATE)
            changed = workspace.renamed(named or workspace.name, slugged or workspace.slug)
            if (changed.name, changed.slug) == (workspace.name, workspace.slug):
                return workspace
            if not await stores.workspaces.save(changed):
                raise errors.contended()
            await self._noted(stores, Action.WORKSPACE_UPDATED, actor, changed)
            return changed

        return await self.database.atomically(work)

    async def delete(self, actor: UserId, workspace_id: WorkspaceId) -> Workspace:
        """Takes a workspace away from all its members; an owner may restore it.

        Raises NOT_FOUND, FORBIDDEN, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> Workspace:
            workspace, _ = await require(stores, workspace_id, actor, Permission.WORKSPACE_DELETE)
            deleted = workspace.with_deleted(self.clock.now())
            await self._suspend(stores, deleted, actor, suspended=True)
            await self._noted(stores, Action.WORKSPACE_DELETED, actor, deleted)
            return deleted

        return await self.database.atomically(work)

    async def restore(self, actor: UserId, workspace_id: WorkspaceId) -> Workspace:
        """Gives a deleted workspace back to all who were in it; one that is not deleted stays as it is.

        Raises NOT_FOUND to all but owners, as nobody else may know of it, UNAVAILABLE after lost races.
        """

        async def work(stores: Stores) -> Workspace:
            workspace = await stores.workspaces.get(workspace_id)
            mine = await stores.memberships.find(workspace_id, actor)
            if workspace is None or mine is None or mine.given is None:
                raise errors.not_found("workspace")
            if workspace.deleted_at is None:
                workspace, _ = await require(stores, workspace_id, actor, Permission.WORKSPACE_DELETE)
                return workspace
            if Permission.WORKSPACE_DELETE not in mine.given.permissions:
                raise errors.not_found("workspace")
            restored = workspace.with_deleted(None)
            await self._suspend(stores, restored, actor, suspended=False)
            await self._noted(stores, Action.WORKSPACE_RESTORED, actor, restored)
            return restored

        return await self.database.atomically(work)

    async def _suspend(self, stores: Stores, workspace: Workspace, actor: UserId, *, suspended: bool) -> None:
        if not await stores.workspaces.save(workspace):
            raise errors.contended()
        for record in await stores.memberships.everyone(workspace.id):
            if record.given is None or record.suspended is suspended:
                continue
            changed = record.with_suspended(suspended)
            happened = MembershipChanged(membership=changed, workspace_name=workspace.name, actor_id=actor)
            if not await stores.memberships.save(changed, happened):
                raise errors.contended()

    async def visible(
        self, viewer: UserId | None, workspace_ids: Collection[WorkspaceId]
    ) -> dict[WorkspaceId, Workspace]:
        """Those of the workspaces that the viewer is a member of."""
        if viewer is None or not workspace_ids:
            return {}
        memberships = await self.database.memberships.within(workspace_ids, [viewer])
        mine = [membership.workspace_id for membership in memberships if membership.active]
        return {workspace.id: workspace for workspace in await self.database.workspaces.get_many(mine)}

    async def by_slug(self, viewer: UserId, slug: str) -> Workspace | None:
        """The viewer's workspace with a slug, or None: unknown and not a member are one answer."""
        found = await self.database.workspaces.by_slug(slug)
        return None if found is None else (await self.visible(viewer, [found.id])).get(found.id)

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

    async def _noted(self, stores: Stores, action: Action, actor: UserId, workspace: Workspace) -> None:
        await self.recorder.note(stores, action, workspace.id, actor, name=workspace.name, slug=workspace.slug)
