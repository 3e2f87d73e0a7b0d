"""Use cases of a project's workflow. Invariant: a state goes only together with the move of its last task."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.changes import reassign
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ProjectPatch, check_version, may_update
from subgraphs.task.domain.workflow import (
    StatusDraft,
    add_status,
    change_status,
    remove_status,
    reorder_statuses,
    status_in,
)
from subgraphs.task.errors import forbidden, not_found, too_many_tasks
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.ports import Store, Work

MOST_MOVED = 1_000
"""How many tasks the deletion of a state moves in its transaction."""

Turn: TypeAlias = Callable[[Project, datetime], Project]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """What can be done with the states of a project."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def add(
        self, viewer: Viewer, project_id: UUID, draft: StatusDraft, *, expected_version: int | None = None
    ) -> Project:
        """The project with one more state.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, EXISTS, invalid, PROJECT_ARCHIVED, PROJECT_DELETED.
        """
        status_id = self.new_id()
        return await self._turn(
            viewer, project_id, expected_version, lambda one, now: add_status(one, draft, status_id=status_id, now=now)
        )

    async def change(
        self,
        viewer: Viewer,
        project_id: UUID,
        status_id: UUID,
        *,
        name: str | None,
        default: bool,
        expected_version: int | None = None,
    ) -> Project:
        """The project with a state renamed, or made the default of new tasks.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, EXISTS, invalid, PROJECT_ARCHIVED, PROJECT_DELETED.
        """
        return await self._turn(
            viewer,
            project_id,
            expected_version,
            lambda one, now: change_status(one, status_id, name=name, default=default, now=now),
        )

    async def reorder(
        self, viewer: Viewer, project_id: UUID, status_ids: Sequence[UUID], *, expected_version: int | None = None
    ) -> Project:
        """The project with its states in that order.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, invalid, PROJECT_ARCHIVED, PROJECT_DELETED.
        """
        return await self._turn(
            viewer, project_id, expected_version, lambda one, now: reorder_statuses(one, status_ids, now=now)
        )

    async def remove(
        self,
        viewer: Viewer,
        project_id: UUID,
        status_id: UUID,
        move_to_id: UUID,
        *,
        expected_version: int | None = None,
    ) -> Project:
        """The project without a state, whose tasks move to another one, each with its event.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, invalid, PRECONDITION_FAILED when there are too many
                tasks, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                project = await project_for_change(work, caller, project_id, expected_version)
                now = self.clock.now()
                revised = remove_status(project, status_id, move_to_id, now=now)
                await work.projects.lock_status(status_id)
                await self._empty(work, caller, project, status_id, move_to_id, now)
                await work.projects.save_workflow(revised)
                return await work.answer(revised)

        return await viewer.attempt(run)

    async def _empty(
        self, work: Work, caller: Caller, project: Project, status_id: UUID, move_to_id: UUID, now: datetime
    ) -> None:
        ids = await work.tasks.in_status(project.id, status_id, MOST_MOVED + 1)
        if len(ids) > MOST_MOVED:
            raise too_many_tasks(MOST_MOVED)
        if not ids:
            return
        await work.tasks.lock(ids)
        heir = status_in(project, move_to_id)
        tasks = [task for task in (await work.tasks.find(ids)).values() if task.status.id == status_id]
        changes = [reassign(task, heir, change_id=self.new_id(), actor_id=caller.user_id, now=now) for task in tasks]
        if changes:
            await work.tasks.save(changes)

    async def _turn(self, viewer: Viewer, project_id: UUID, expected: int | None, turn: Turn) -> Project:
        async def run(caller: Caller) -> Project:
            async with self.store.write(caller) as work:
                project = await project_for_change(work, caller, project_id, expected)
                revised = turn(project, self.clock.now())
                if revised is not project:
                    await work.projects.save_workflow(revised)
                return await work.answer(revised)

        return await viewer.attempt(run)


async def project_for_change(work: Work, caller: Caller, project_id: UUID, expected: int | None) -> Project:
    """The project, locked, which the caller may change as a whole.

    Raises:
        DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT.
    """
    project = await work.projects.lock(project_id)
    if project is None:
        raise not_found("project")
    if not may_update(caller, project):
        raise forbidden(Permission.PROJECT_UPDATE)
    check_version(project, expected, ProjectPatch())
    return project
