"""Use cases of projects. Invariant: a project's lead and members are members of its workspace when they come."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import (
    DEFAULT_STATES,
    Project,
    ProjectDraft,
    ProjectPatch,
    ProjectState,
    add_members,
    check_version,
    ensure_open,
    losing_sight,
    may_update,
    new_project,
    remove_members,
    revise_project,
    sees,
    stepped,
)
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import forbidden, not_found
from subgraphs.task.service.memberships import Viewer, require, require_members
from subgraphs.task.service.ports import Page, ProjectCache, Store, Window, Work
from subgraphs.task.service.project_cache import NoProjectCache

ACCESS_CHANGED = "project.access.changed"

Turn: TypeAlias = Callable[[Project, datetime], Project]
"""What becomes of a project now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """What can be done with projects."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]
    cache: ProjectCache = field(default_factory=NoProjectCache)

    async def create(self, viewer: Viewer, draft: ProjectDraft) -> Project:
        """A new project.

        Raises:
            DomainError: NOT_FOUND workspace, FORBIDDEN, invalid, PROJECT_KEY_TAKEN, NOT_A_MEMBER.
        """
        if not await viewer.enter(draft.workspace_id):
            raise not_found("workspace")
        return await viewer.attempt(lambda caller: self._create(caller, draft))

    async def _create(self, caller: Caller, draft: ProjectDraft) -> Project:
        require(caller, Permission.PROJECT_CREATE, draft.workspace_id)
        now = self.clock.now()
        project = new_project(
            draft,
            project_id=self.new_id(),
            status_ids=[self.new_id() for _ in DEFAULT_STATES],
            creator_id=caller.user_id,
            now=now,
        )
        async with self.store.write(caller) as work:
            if project.lead_id != caller.user_id:
                await check_members(work, "leadId", project.workspace_id, [project.lead_id])
            come = [user_id for user_id in draft.member_ids if user_id != caller.user_id]
            await check_members(work, "memberIds", project.workspace_id, come)
            await work.projects.add(project)
            return await work.answer(project)

    async def update(
        self, viewer: Viewer, project_id: UUID, patch: ProjectPatch, *, expected_version: int | None = None
    ) -> Project:
        """The project after the patch.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PROJECT_ARCHIVED, PROJECT_DELETED, invalid,
                NOT_A_MEMBER.
        """

        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                project = await self._for_change(work, caller, project_id, expected_version, patch)
                if patch.lead_id is not UNSET and patch.lead_id != project.lead_id:
                    await check_members(work, "leadId", project.workspace_id, [patch.lead_id])
                now = self.clock.now()
                revised = revise_project(project, patch, actor_id=caller.user_id, now=now)
                await self._tell_who_loses_sight(work, caller, project, revised)
                return await save(work, project, revised)

        return await viewer.attempt(run)

    async def archive(self, viewer: Viewer, project_id: UUID, *, expected_version: int | None = None) -> Project:
        """The project, closed for changes and out of the usual lists; archiving twice changes nothing more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PROJECT_DELETED.
        """

        def turn(project: Project, now: datetime) -> Project:
            if project.archived_at is not None:
                return project
            ensure_open(project)
            return replace(project, archived_at=now)

        return await self._turn(viewer, project_id, turn, expected_version)

    async def unarchive(self, viewer: Viewer, project_id: UUID, *, expected_version: int | None = None) -> Project:
        """The project, open again.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PROJECT_DELETED.
        """

        def turn(project: Project, now: datetime) -> Project:
            ensure_open(replace(project, archived_at=None))
            return replace(project, archived_at=None)

        return await self._turn(viewer, project_id, turn, expected_version)

    async def delete(self, viewer: Viewer, project_id: UUID, *, expected_version: int | None = None) -> Project:
        """The project, hidden with all its tasks; deleting twice changes nothing more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
        """

        def turn(project: Project, now: datetime) -> Project:
            return project if project.deleted_at is not None else replace(project, deleted_at=now)

        return await self._turn(viewer, project_id, turn, expected_version, Permission.PROJECT_DELETE)

    async def restore(self, viewer: Viewer, project_id: UUID, *, expected_version: int | None = None) -> Project:
        """The project, back as it was.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
        """

        def turn(project: Project, now: datetime) -> Project:
            return replace(project, deleted_at=None)

        return await self._turn(viewer, project_id, turn, expected_version, Permission.PROJECT_DELETE)

    async def add_members(
        self, viewer: Viewer, project_id: UUID, user_ids: Sequence[UUID], *, expected_version: int | None = None
    ) -> Project:
        """The project with more members.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PROJECT_ARCHIVED, PROJECT_DELETED, invalid,
                NOT_A_MEMBER.
        """

        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                project = await self._for_change(work, caller, project_id, expected_version)
                come = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in project.member_ids]
                grown = add_members(project, come, now=self.clock.now())
                await check_members(work, "userIds", project.workspace_id, come)
                return await save(work, project, grown)

        return await viewer.attempt(run)

    async def remove_members(
        self, viewer: Viewer, project_id: UUID, user_ids: Sequence[UUID], *, expected_version: int | None = None
    ) -> Project:
        """The project with fewer members; anybody may take themself out.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, PRECONDITION_FAILED for the lead, PROJECT_ARCHIVED,
                PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                leaving = set(user_ids) == {caller.user_id}
                project = await self._for_change(work, caller, project_id, expected_version, anybody=leaving)
                left = remove_members(project, user_ids, now=self.clock.now())
                await self._tell_who_loses_sight(work, caller, project, left)
                return await save(work, project, left)

        return await viewer.attempt(run)

    async def _tell_who_loses_sight(self, work: Work, caller: Caller, before: Project, after: Project) -> None:
        # Their subscriptions end by this; whoever comes to see the project has none yet.
        closing = after.private and not before.private
        members = await work.memberships.everybody(after.workspace_id) if closing else ()
        losing = losing_sight(before, after, members)
        if not losing:
            return
        data = {
            "projectId": str(after.id),
            "workspaceId": str(after.workspace_id),
            "userIds": [str(user_id) for user_id in losing],
            "version": after.version,
            "actorId": str(caller.user_id),
        }
        await work.projects.announce(
            Announcement(
                event_id=self.new_id(),
                topic=ACCESS_CHANGED,
                subject=after.id,
                workspace_id=after.workspace_id,
                at=after.updated_at,
                data=data,
            )
        )

    async def _turn(
        self,
        viewer: Viewer,
        project_id: UUID,
        turn: Turn,
        expected: int | None,
        permission: Permission = Permission.PROJECT_UPDATE,
    ) -> Project:
        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                project = await self._for_change(work, caller, project_id, expected, permission=permission)
                now = self.clock.now()
                return await save(work, project, stepped(project, turn(project, now), now=now))

        return await viewer.attempt(run)

    @staticmethod
    async def _for_change(
        work: Work,
        caller: Caller,
        project_id: UUID,
        expected: int | None,
        patch: ProjectPatch | None = None,
        *,
        permission: Permission = Permission.PROJECT_UPDATE,
        anybody: bool = False,
    ) -> Project:
        project = await work.projects.lock(project_id)
        if project is None:
            raise not_found("project")
        if permission is Permission.PROJECT_UPDATE:
            if not anybody and not may_update(caller, project):
                raise forbidden(permission)
        else:
            require(caller, permission, project.workspace_id)
        check_version(project, expected, patch or ProjectPatch())
        return project

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Project]:
        """Those of the projects that the caller may see."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Project]:
        at_hand = await self.cache.get(ids)
        found = {one: project for one, project in at_hand.items() if sees(caller, project)}
        missing = [one for one in ids if one not in at_hand]
        if missing:
            async with self.store.read(caller) as work:
                read = await work.projects.find(missing)
            await self.cache.offer(list(read.values()))
            found |= read
        return found

    async def of_workspaces(
        self, viewer: Viewer, ids: Collection[UUID], window: Window, state: ProjectState = ProjectState.ACTIVE
    ) -> dict[UUID, Page[Project] | None]:
        """The projects of each workspace, oldest first; None for a workspace that the caller does not belong to."""
        entered = [workspace_id for workspace_id in ids if await viewer.enter(workspace_id)]
        async with self.store.read(viewer.caller) as work:
            pages = await work.projects.of_workspaces(entered, window, state)
        return {workspace_id: pages.get(workspace_id) for workspace_id in ids}


async def check_members(work: Work, field: str, workspace_id: UUID, user_ids: Collection[UUID]) -> None:
    """Raises MembersUnknown when somebody is not known to be a member of the workspace."""
    if user_ids:
        known = await work.memberships.members(workspace_id, user_ids)
        require_members(field, workspace_id, user_ids, known)


async def save(work: Work, before: Project, after: Project) -> Project:
    """What the mutation answers: the project, written when it differs."""
    if after is not before:
        await work.projects.save(after)
    return await work.answer(after)
