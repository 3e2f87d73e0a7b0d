"""Changes at the same moment on PostgreSQL: what must not happen together does not."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kit.errors import DomainError
from kit.idempotency import AlreadyAnswered
from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.app import build_services
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ProjectDraft
from subgraphs.task.domain.tasks import Task, TaskPatch
from subgraphs.task.service.boards import Move
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.project_cache import NoProjectCache
from subgraphs.task.store.database import Database
from tests.unit.subgraphs.task.fake_directory import FakeDirectory
from tests.unit.subgraphs.task.port_suite import stored_project
from tests.unit.subgraphs.task.samples import a_caller, a_draft, a_use


class Desk:
    """The use cases over the real store, for one person."""

    def __init__(self, store: Database) -> None:
        self.services = build_services(store, FakeDirectory(), NoProjectCache())
        self.workspace_id = new_id()
        self.caller = Caller(user_id=new_id(), rights={self.workspace_id: TABLE[Role.ADMIN]})

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.caller, self.services.memberships)

    async def project(self) -> Project:
        draft = ProjectDraft(workspace_id=self.workspace_id, key="ENG", name="Engineering")
        return await self.services.projects.create(self.viewer, draft)

    async def tasks(self, count: int) -> list[Task]:
        project = await self.project()
        return [await self.services.tasks.create(self.viewer, a_draft(project)) for _ in range(count)]

    async def patched(self, task_id: UUID, **fields: Any) -> str:
        """What came of it: `done` or the code of the refusal."""
        try:
            await self.services.tasks.update(self.viewer, task_id, TaskPatch(**fields))
        except DomainError as error:
            return error.code
        return "done"


@pytest.fixture
def desk(store: Database) -> Desk:
    return Desk(store)


async def test_dependencies_that_together_are_a_circle_are_not_both_made(desk: Desk) -> None:
    tasks = await desk.tasks(6)
    ring = [(one.id, tasks[number - 1].id) for number, one in enumerate(tasks)]
    outcomes = await asyncio.gather(*(desk.patched(one, blocked_by_ids=[other]) for one, other in ring))
    assert sorted(outcomes) == ["DEPENDENCY_CYCLE", *["done"] * 5]


async def test_parents_that_together_are_a_circle_are_not_both_made(desk: Desk) -> None:
    tasks = await desk.tasks(4)
    ring = [(one.id, tasks[number - 1].id) for number, one in enumerate(tasks)]
    outcomes = await asyncio.gather(*(desk.patched(one, parent_id=other) for one, other in ring))
    assert sorted(outcomes) == ["DEPENDENCY_CYCLE", *["done"] * 3]


async def test_moves_at_once_never_share_a_place(desk: Desk, store: Database) -> None:
    tasks = await desk.tasks(8)
    moves = [Move(task_id=task.id, after_id=tasks[0].id) for task in tasks[1:]]
    moved = await asyncio.gather(*(desk.services.boards.move(desk.viewer, move) for move in moves))
    assert len({task.position for task in moved}) == len(moved)
    assert all(task.position > tasks[0].position for task in moved)


async def test_a_state_goes_without_a_task_although_tasks_come_into_it(desk: Desk, store: Database) -> None:
    tasks = await desk.tasks(5)
    [project] = (await desk.services.projects.find(desk.viewer, [tasks[0].project.id])).values()
    backlog, done = project.status_named("Backlog"), project.status_named("Done")
    removing = desk.services.workflow.remove(desk.viewer, project.id, backlog.id, done.id)
    moving = [desk.patched(task.id, status="Backlog") for task in tasks]
    removed, *outcomes = await asyncio.gather(removing, *moving, return_exceptions=True)
    async with store.read([desk.workspace_id]) as work:
        found = (await work.projects.find([project.id]))[project.id]
        states = {task.status.id for task in (await work.tasks.find([task.id for task in tasks])).values()}
    assert states <= {status.id for status in found.statuses}
    # Whoever lost is told to look again; nobody is told a lie.
    assert set(map(str, outcomes)) <= {"done", "BAD_INPUT", "UNAVAILABLE"}
    assert isinstance(removed, Project) == (backlog not in found.statuses)


async def test_a_repetition_waits_for_the_first_run_and_is_told_when_that_takes_long(store: Database) -> None:
    project = await stored_project(store)
    caller = replace(a_caller(project.workspace_id), use=a_use())
    async with store.write(caller) as work:
        with pytest.raises(DomainError) as refused:
            async with store.write(caller):
                raise AssertionError("two runs at once")
        assert refused.value.code == "IDEMPOTENCY_IN_PROGRESS"
        await work.answer(project)
    with pytest.raises(AlreadyAnswered):
        async with store.write(caller):
            raise AssertionError("a second run")
