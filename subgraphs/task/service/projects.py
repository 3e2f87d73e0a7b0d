"""Use cases of projects. Invariant: a project's lead is a member of its workspace."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from subgraphs.task.domain.memberships import Caller, Permission
from subgraphs.task.domain.projects import (
    DEFAULT_STATES,
    Project,
    ProjectDraft,
    ProjectPatch,
    check_version,
    may_update,
    new_project,
    revise_project,
)
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import forbidden, not_found
from subgraphs.task.service.idempotency import AlreadyDone, key_use
from subgraphs.task.service.memberships import Viewer, require, require_members
from subgraphs.task.service.ports import KeyUse, Page, Store, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """What can be done with projects."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def create(self, viewer: Viewer, draft: ProjectDraft, *, key: str | None = None) -> Project:
        """A new project, once per idempotency key.

        Raises:
            DomainError: NOT_FOUND workspace, FORBIDDEN, invalid, PROJECT_KEY_TAKEN, NOT_A_MEMBER.
        """
        if not await viewer.enter(draft.workspace_id):
            raise not_found("workspace")
        use = key_use(f"user:{viewer.caller.user_id}", "projectCreate", key, draft)
        try:
            return await viewer.attempt(lambda caller: self._create(caller, draft, use))
        except AlreadyDone as done:
            return (await self.find(viewer, [done.entity_id]))[done.entity_id]

    async def _create(self, caller: Caller, draft: ProjectDraft, use: KeyUse | None) -> Project:
        require(caller, Permission.PROJECT_CREATE, draft.workspace_id)
        now = self.clock.now()
        project = new_project(
            draft,
            project_id=self.new_id(),
            status_ids=[self.new_id() for _ in DEFAULT_STATES],
            creator_id=caller.user_id,
            now=now,
        )
        async with self.store.write([draft.workspace_id]) as work:
            if use:
                earlier = await work.keys.claim(use, workspace_id=project.workspace_id, entity_id=project.id, now=now)
                if earlier:
                    raise AlreadyDone(earlier)
            if project.lead_id != caller.user_id:
                members = await work.memberships.members(project.workspace_id, [project.lead_id])
                require_members("leadId", project.workspace_id, [project.lead_id], members)
            await work.projects.add(project)
        return project

    async def update(
        self, viewer: Viewer, project_id: UUID, patch: ProjectPatch, *, expected_version: int | None = None
    ) -> Project:
        """The project after the patch.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, invalid, NOT_A_MEMBER.
        """
        return await viewer.attempt(lambda caller: self._update(caller, project_id, patch, expected_version))

    async def _update(self, caller: Caller, project_id: UUID, patch: ProjectPatch, expected: int | None) -> Project:
        async with self.store.write(caller.workspaces) as work:
            project = await work.projects.lock(project_id)
            if project is None:
                raise not_found("project")
            if not may_update(caller, project):
                raise forbidden(Permission.PROJECT_UPDATE)
            check_version(project, expected, patch)
            if patch.lead_id is not UNSET and patch.lead_id != project.lead_id:
                members = await work.memberships.members(project.workspace_id, [patch.lead_id])
                require_members("leadId", project.workspace_id, [patch.lead_id], members)
            revised = revise_project(project, patch, now=self.clock.now())
            if revised is not project:
                await work.projects.save(revised)
        return revised

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Project]:
        """Those of the projects that the caller may see."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Project]:
        async with self.store.read(caller.workspaces) as work:
            return await work.projects.find(ids)

    async def of_workspaces(
        self, viewer: Viewer, ids: Collection[UUID], window: Window
    ) -> dict[UUID, Page[Project] | None]:
        """The projects of each workspace, oldest first; None for a workspace that the caller does not belong to."""
        entered = [workspace_id for workspace_id in ids if await viewer.enter(workspace_id)]
        async with self.store.read(entered) as work:
            pages = await work.projects.of_workspaces(entered, window)
        return {workspace_id: pages.get(workspace_id) for workspace_id in ids}
