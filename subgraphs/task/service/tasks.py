"""Use cases of tasks. Invariant: each is one transaction that writes state, history and events together or not."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.changes import (
    TaskChange,
    check_version,
    created,
    delete,
    restore,
    revise,
    submitted_values,
)
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, Status, ensure_open, may_see
from subgraphs.task.domain.tasks import Task, TaskDraft, TaskPatch, check_assignees, check_draft, new_task
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import not_found, not_project_members
from subgraphs.task.service.idempotency import AlreadyDone, key_use
from subgraphs.task.service.memberships import Viewer, require, require_members
from subgraphs.task.service.ports import Activity, KeyUse, Page, Store, Window, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """What can be done with tasks."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def create(
        self, viewer: Viewer, draft: TaskDraft, *, key: str | None = None, key_owner: str | None = None
    ) -> Task:
        """A new task, once per idempotency key; keys belong to the user unless `key_owner` names a service.

        Raises:
            DomainError: NOT_FOUND project, FORBIDDEN, invalid, DUE_DATE_IN_PAST, NOT_A_MEMBER, IDEMPOTENCY_MISMATCH.
        """
        use = key_use(key_owner or f"user:{viewer.caller.user_id}", "taskCreate", key, draft)
        if use:
            # Before any check: what was valid then (a due date) need not be so for the repetition.
            earlier = await self._earlier(viewer.caller, use)
            if earlier:
                return earlier
        checked = check_draft(draft, now=self.clock.now())
        try:
            return await viewer.attempt(lambda caller: self._create(caller, checked, use))
        except AlreadyDone as done:
            return (await self.find(viewer, [done.entity_id]))[done.entity_id]

    async def _earlier(self, caller: Caller, use: KeyUse) -> Task | None:
        async with self.store.read(caller) as work:
            task_id = await work.keys.find(use)
            return None if task_id is None else (await work.tasks.find([task_id])).get(task_id)

    async def _create(self, caller: Caller, draft: TaskDraft, use: KeyUse | None) -> Task:
        now = self.clock.now()
        async with self.store.write(caller) as work:
            numbering = await work.projects.take_number(draft.project_id, members=draft.assignee_ids)
            if numbering is None:
                raise not_found("project")
            workspace_id = numbering.project.workspace_id
            require(caller, Permission.TASK_CREATE, workspace_id)
            ensure_open(numbering.project)
            require_members("assigneeIds", workspace_id, draft.assignee_ids, numbering.members)
            require_sight("assigneeIds", numbering.project, draft.assignee_ids)
            task = new_task(
                draft,
                project=numbering.project,
                task_id=self.new_id(),
                number=numbering.number,
                reporter_id=caller.user_id,
                now=now,
            )
            if use:
                earlier = await work.keys.claim(use, workspace_id=workspace_id, entity_id=task.id, now=now)
                if earlier:
                    raise AlreadyDone(earlier)
            await work.tasks.add(created(task, change_id=self.new_id(), actor_id=caller.user_id))
        return task

    async def update(
        self, viewer: Viewer, task_id: UUID, patch: TaskPatch, *, expected_version: int | None = None
    ) -> Task:
        """The task after the patch.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, TASK_DELETED, invalid, DUE_DATE_IN_PAST, NOT_A_MEMBER.
        """
        if patch.assignee_ids is not UNSET:
            check_assignees(patch.assignee_ids)
        return await viewer.attempt(lambda caller: self._update(caller, task_id, patch, expected_version))

    async def _update(self, caller: Caller, task_id: UUID, patch: TaskPatch, expected: int | None) -> Task:
        async with self.store.write(caller, lock_task=task_id) as work:
            task = await self._for_change(work, caller, task_id, Permission.TASK_UPDATE)
            await _check_version(work, task, expected, patch)
            await _check_new_assignees(work, task, patch)
            moved_to = await _state_named(work, task, patch)
            changes = revise(
                task, patch, moved_to=moved_to, new_id=self.new_id, actor_id=caller.user_id, now=self.clock.now()
            )
            return await _save(work, task, changes)

    async def delete(self, viewer: Viewer, task_id: UUID, *, expected_version: int | None = None) -> Task:
        """The task, hidden; deleting twice changes nothing more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
        """
        return await viewer.attempt(lambda caller: self._turn(caller, task_id, delete, expected_version))

    async def restore(self, viewer: Viewer, task_id: UUID, *, expected_version: int | None = None) -> Task:
        """The task, back; restoring twice changes nothing more.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
        """
        return await viewer.attempt(lambda caller: self._turn(caller, task_id, restore, expected_version))

    async def _turn(
        self, caller: Caller, task_id: UUID, turn: Callable[..., list[TaskChange]], expected: int | None
    ) -> Task:
        async with self.store.write(caller, lock_task=task_id) as work:
            task = await self._for_change(work, caller, task_id, Permission.TASK_DELETE)
            await _check_version(work, task, expected, TaskPatch())
            changes = turn(task, change_id=self.new_id(), actor_id=caller.user_id, now=self.clock.now())
            return await _save(work, task, changes)

    @staticmethod
    async def _for_change(work: Work, caller: Caller, task_id: UUID, permission: Permission) -> Task:
        task = (await work.tasks.find([task_id])).get(task_id)
        if task is None:
            raise not_found("task")
        require(caller, permission, task.workspace_id)
        ensure_open(task.project)
        return task

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Task]:
        """Those of the tasks that the caller may see, deleted ones too."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Task]:
        async with self.store.read(caller) as work:
            return await work.tasks.find(ids)

    async def of_projects(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """The tasks of each project, newest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.tasks.of_projects(ids, window)

    async def assigned_to_self(self, viewer: Viewer, window: Window) -> Page[Task]:
        """The caller's own tasks in all of their workspaces, newest first."""
        await viewer.widen()
        async with self.store.read(viewer.caller) as work:
            return await work.tasks.assigned_to(viewer.caller.user_id, window)

    async def activity(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        """The history of each task, newest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.tasks.activity(ids, window)

    async def clock_of(self, workspace_id: UUID, task_id: UUID) -> Task:
        """The task for a worker that acts in the workspace.

        Raises:
            DomainError: NOT_FOUND.
        """
        async with self.store.read([workspace_id]) as work:
            task = (await work.tasks.find([task_id])).get(task_id)
        if task is None:
            raise not_found("task")
        return task


async def _check_version(work: Work, task: Task, expected: int | None, patch: TaskPatch) -> None:
    if expected is None or expected == task.version:
        return
    changed = await work.tasks.changed_since(task.id, expected)
    check_version(task, expected, changed=changed, submitted=submitted_values(patch))


async def _check_new_assignees(work: Work, task: Task, patch: TaskPatch) -> None:
    # Somebody who left the workspace may stay on a task; only those who come are checked.
    if patch.assignee_ids is UNSET:
        return
    come = [user_id for user_id in dict.fromkeys(patch.assignee_ids) if user_id not in task.assignee_ids]
    if come:
        known = await work.memberships.members(task.workspace_id, come)
        require_members("assigneeIds", task.workspace_id, come, known)
        require_sight("assigneeIds", (await work.projects.find([task.project.id]))[task.project.id], come)


def require_sight(field: str, project: Project, user_ids: Collection[UUID]) -> None:
    """Raises DomainError NOT_A_MEMBER when somebody does not see the private project."""
    blind = [user_id for user_id in user_ids if not may_see(project, user_id)]
    if blind:
        raise not_project_members(field, blind)


async def _state_named(work: Work, task: Task, patch: TaskPatch) -> Status | None:
    if patch.status is UNSET:
        return None
    project = (await work.projects.find([task.project.id]))[task.project.id]
    return project.status_named(patch.status)


async def _save(work: Work, task: Task, changes: list[TaskChange]) -> Task:
    if not changes:
        return task
    await work.tasks.save(changes)
    return changes[-1].task
