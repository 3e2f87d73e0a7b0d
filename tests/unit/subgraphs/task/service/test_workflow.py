"""The workflow of a project, over the store in memory."""

import pytest

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.changes import ChangeKind
from subgraphs.task.domain.projects import StatusCategory
from subgraphs.task.domain.workflow import StatusDraft
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


async def test_a_state_comes_behind_another_one_and_is_named_once(world: World) -> None:
    project = await world.project()
    workflow = world.services.workflow
    draft = StatusDraft(name="Blocked", category=StatusCategory.STARTED, after_id=project.statuses[1].id)
    project = await workflow.add(world.viewer(), project.id, draft, expected_version=1)
    assert [status.name for status in project.statuses][:3] == ["Backlog", "Todo", "Blocked"]
    assert await code_of(workflow.add(world.viewer(), project.id, draft)) == "EXISTS"
    assert await code_of(workflow.add(world.viewer(), project.id, draft, expected_version=1)) == "VERSION_CONFLICT"
    lost = StatusDraft(name="New", category=StatusCategory.STARTED, after_id=new_id())
    assert await code_of(workflow.add(world.viewer(), project.id, lost)) == "NOT_FOUND"


async def test_a_renamed_state_shows_in_its_tasks_and_a_default_one_takes_new_tasks(world: World) -> None:
    project = await world.project()
    task = await world.task(project)
    todo = project.status_named("Todo")
    workflow = world.services.workflow
    await workflow.change(world.viewer(), project.id, todo.id, name="Next", default=False)
    assert (await world.services.tasks.find(world.viewer(), [task.id]))[task.id].status.name == "Next"
    backlog = project.status_named("Backlog")
    project = await workflow.change(world.viewer(), project.id, backlog.id, name=None, default=True)
    assert (await world.task(project)).status.name == "Backlog"
    taken = workflow.change(world.viewer(), project.id, backlog.id, name="done", default=False)
    assert await code_of(taken) == "EXISTS"


async def test_states_are_put_in_another_order_only_all_together(world: World) -> None:
    project = await world.project()
    ids = [status.id for status in reversed(project.statuses)]
    workflow = world.services.workflow
    project = await workflow.reorder(world.viewer(), project.id, ids)
    assert [status.id for status in project.statuses] == ids
    for wrong in (ids[1:], [*ids, new_id()], [*ids[1:], ids[1]]):
        assert await code_of(workflow.reorder(world.viewer(), project.id, wrong)) == "BAD_INPUT"


async def test_tasks_of_a_state_that_goes_move_each_with_its_event_deleted_ones_too(world: World) -> None:
    project = await world.project()
    one, two = await world.task(project), await world.task(project)
    await world.services.tasks.delete(world.viewer(), two.id)
    todo, done = project.status_named("Todo"), project.status_named("Done")
    workflow = world.services.workflow
    project = await workflow.remove(world.viewer(), project.id, todo.id, done.id)
    assert todo not in project.statuses
    assert project.default_status == done
    assert {world.store.state.tasks[task.id].status for task in (one, two)} == {done}
    kinds = [entry.kind for entry in world.store.state.activity if entry.task_id == one.id]
    assert kinds == [ChangeKind.CREATED, ChangeKind.STATUS_UPDATED]
    assert await code_of(workflow.remove(world.viewer(), project.id, done.id, done.id)) == "BAD_INPUT"
    assert await code_of(workflow.remove(world.viewer(), project.id, todo.id, done.id)) == "NOT_FOUND"


async def test_only_the_lead_and_who_may_change_projects_shape_it(world: World) -> None:
    project = await world.project()
    draft = StatusDraft(name="New", category=StatusCategory.STARTED)
    workflow = world.services.workflow
    assert await code_of(workflow.add(world.viewer(user_id=new_id()), project.id, draft)) == "FORBIDDEN"
    assert await code_of(workflow.add(world.stranger(), project.id, draft)) == "NOT_FOUND"
    await workflow.add(world.viewer(user_id=new_id(), role=Role.ADMIN), project.id, draft)
