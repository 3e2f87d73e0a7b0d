"""Use cases of tasks. Invariant: each is one transaction that writes state, history and events together or not."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.changes import TaskChange, created, delete, restore, revise
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import ensure_open
from subgraphs.task.domain.tasks import MOST_WATCHERS, Task, TaskDraft, TaskPatch, check_draft, new_task
from subgraphs.task.errors import invalid, not_found
from subgraphs.task.service.edits import (
    check_assignees_known,
    check_blockers,
    check_parent,
    check_task_version,
    labels_named,
    resolve,
)
from subgraphs.task.service.memberships import Viewer, require
from subgraphs.task.service.ports import Activity, Page, Store, Window, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a task is created for beside a caller's wish: checked as of that time, concluded in the same transaction."""

    as_of: datetime
    conclude: Callable[[Work, Task], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """What can be done with tasks."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def create(self, viewer: Viewer, draft: TaskDraft, *, occasion: Occasion | None = None) -> Task:
        """A new task.

        Raises:
            DomainError: NOT_FOUND project, parent, blocker or label, FORBIDDEN, invalid, DUE_DATE_IN_PAST,
                NOT_A_MEMBER.
        """
        return await viewer.attempt(lambda caller: self._create(caller, draft, occasion))

    async def _create(self, caller: Caller, draft: TaskDraft, occasion: Occasion | None) -> Task:
        async with self.store.write(caller) as work:
            # Inside, behind the idempotency key: what was valid then (a due date) need not be so for a repetition.
            now = self.clock.now()
            draft = check_draft(draft, now=now if occasion is None else occasion.as_of)
            numbering = await work.projects.take_number(draft.project_id, members=draft.assignee_ids)
            if numbering is None:
                raise not_found("project")
            project = numbering.project
            require(caller, Permission.TASK_CREATE, project.workspace_id)
            ensure_open(project)
            await check_assignees_known(work, project, draft.assignee_ids, numbering.members)
            # Nothing points at a new task yet, so it closes no circle.
            if draft.parent_id is not None:
                await check_parent(work, project.id, draft.parent_id)
            await check_blockers(work, project.workspace_id, draft.blocked_by_ids)
            task = new_task(
                draft,
                project=project,
                task_id=self.new_id(),
                number=numbering.number,
                reporter_id=caller.user_id,
                now=now,
                labels=await labels_named(work, project.id, draft.label_ids),
            )
            await work.tasks.add(created(task, change_id=self.new_id(), actor_id=caller.user_id))
            if occasion is not None:
                await occasion.conclude(work, task)
            return await work.answer(task)

    async def update(
        self, viewer: Viewer, task_id: UUID, patch: TaskPatch, *, expected_version: int | None = None
    ) -> Task:
        """The task after the patch.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, TASK_DELETED, invalid, DUE_DATE_IN_PAST, NOT_A_MEMBER,
                DEPENDENCY_CYCLE.
        """
        return await viewer.attempt(lambda caller: self._update(caller, task_id, patch, expected_version))

    async def _update(self, caller: Caller, task_id: UUID, patch: TaskPatch, expected: int | None) -> Task:
        async with self.store.write(caller, lock_task=task_id) as work:
            task = await for_change(work, caller, task_id, Permission.TASK_UPDATE)
            await check_task_version(work, task, expected, patch)
            named = await resolve(work, task, patch)
            changes = revise(
                task,
                patch,
                moved_to=named.moved_to,
                labels=named.labels,
                new_id=self.new_id,
                actor_id=caller.user_id,
                now=self.clock.now(),
            )
            return await work.answer(await save(work, task, changes))

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
            task = await for_change(work, caller, task_id, Permission.TASK_DELETE)
            await check_task_version(work, task, expected, TaskPatch())
            changes = turn(task, change_id=self.new_id(), actor_id=caller.user_id, now=self.clock.now())
            return await work.answer(await save(work, task, changes))

    async def watch(self, viewer: Viewer, task_id: UUID, *, watching: bool) -> Task:
        """The task with the caller among its watchers, or without; that makes no new version.

        Raises:
            DomainError: NOT_FOUND, invalid when there are too many watchers.
        """

        async def run(caller: Caller) -> Task:
            async with self.store.write(caller, lock_task=task_id) as work:
                task = await for_change(work, caller, task_id, Permission.PROJECT_READ)
                if watching and caller.user_id not in task.watcher_ids and len(task.watcher_ids) >= MOST_WATCHERS:
                    raise invalid("id", f"A task has at most {MOST_WATCHERS} watchers")
                if watching is not (caller.user_id in task.watcher_ids):
                    await work.tasks.watch(task_id, caller.user_id, watching=watching)
                    task = (await work.tasks.find([task_id]))[task_id]
                return await work.answer(task)

        return await viewer.attempt(run)

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Task]:
        """Those of the tasks that the caller may see, deleted ones too."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Task]:
        async with self.store.read(caller) as work:
            return await work.tasks.find(ids)

    async def subtasks(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """The subtasks of each task, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.tasks.subtasks(ids, window)

    async def blocked_by(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """The tasks that wait for each task, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.tasks.blocked_by(ids, window)

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


async def for_change(work: Work, caller: Caller, task_id: UUID, permission: Permission) -> Task:
    """The task, which the caller may change so.

    Raises:
        DomainError: NOT_FOUND, FORBIDDEN, PROJECT_ARCHIVED, PROJECT_DELETED.
    """
    task = (await work.tasks.find([task_id])).get(task_id)
    if task is None:
        raise not_found("task")
    require(caller, permission, task.workspace_id)
    ensure_open(task.project)
    return task


async def save(work: Work, task: Task, changes: list[TaskChange]) -> Task:
    """The task after the changes, which are written if there are any."""
    if not changes:
        return task
    await work.tasks.save(changes)
    return changes[-1].task
