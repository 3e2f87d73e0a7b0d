"""Many tasks changed at once, over the store in memory."""

from typing import Any
from uuid import UUID

import pytest

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.tasks import TaskPatch
from subgraphs.task.service.bulk import MOST_ITEMS, MOST_PEOPLE, BulkItem, BulkResult
from tests.unit.subgraphs.task.samples import a_membership, a_use
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


def item(task_id: UUID, expected_version: int | None = None, **fields: Any) -> BulkItem:
    return BulkItem(task_id=task_id, patch=TaskPatch(**fields), expected_version=expected_version)


async def updated(world: World, *items: BulkItem, all_or_nothing: bool = False) -> list[BulkResult]:
    return await world.services.bulk.update(world.viewer(), items, all_or_nothing=all_or_nothing)


def codes(results: list[BulkResult]) -> list[str | None]:
    return [result.error.code if result.error else None for result in results]


async def test_each_item_is_done_or_refused_for_its_own_reason(world: World) -> None:
    project = await world.project()
    tasks = [await world.task(project) for _ in range(4)]
    results = await updated(
        world,
        item(tasks[0].id, title="New", status="Done"),
        item(tasks[1].id, title=""),
        item(new_id(), title="New"),
        item(tasks[2].id, 9, title="New"),
        item(tasks[3].id, assignee_ids=[world.ada]),
        item(tasks[0].id, description="Twice"),
    )
    assert codes(results) == [None, "BAD_INPUT", "NOT_FOUND", "VERSION_CONFLICT", "NOT_A_MEMBER", None]
    assert results[0].task is not None
    assert (results[0].task.version, results[0].task.status.name) == (3, "Done")
    assert world.store.state.tasks[tasks[0].id] == results[5].task
    assert all(world.store.state.tasks[task.id] == task for task in tasks[1:])


async def test_all_or_nothing_is_nothing_when_one_is_refused(world: World) -> None:
    project = await world.project()
    one, two = await world.task(project), await world.task(project)
    results = await updated(world, item(one.id, title="New"), item(two.id, title=""), all_or_nothing=True)
    assert [result.task_id for result in results] == [two.id]
    assert world.store.state.tasks == {one.id: one, two.id: two}
    assert codes(await updated(world, item(one.id, title="New"), all_or_nothing=True)) == [None]


async def test_somebody_new_is_asked_for_at_the_owner_and_a_stranger_spoils_one_item_alone(world: World) -> None:
    project = await world.project()
    one, two = await world.task(project), await world.task(project)
    known, stranger = new_id(), new_id()
    world.directory.knows(a_membership(world.workspace_id, known))
    results = await updated(world, item(one.id, assignee_ids=[known]), item(two.id, assignee_ids=[stranger]))
    assert codes(results) == [None, "NOT_A_MEMBER"]


async def test_people_of_all_items_are_asked_for_at_once_and_each_one_once(world: World) -> None:
    project = await world.project()
    tasks = [await world.task(project) for _ in range(20)]
    known, strangers = [new_id() for _ in tasks], [new_id() for _ in tasks]
    for user_id in known:
        world.directory.knows(a_membership(world.workspace_id, user_id))
    some = [item(task.id, assignee_ids=[user_id]) for task, user_id in zip(tasks, known, strict=True)]
    others = [item(task.id, assignee_ids=[user_id, world.ada]) for task, user_id in zip(tasks, strangers, strict=True)]
    assert codes(await updated(world, *some, *others)) == [None] * 20 + ["NOT_A_MEMBER"] * 20
    assert sorted(world.directory.asked) == sorted({*known, *strangers, world.ada})


async def test_an_owner_that_cannot_be_asked_is_an_outage_and_changes_nothing(world: World) -> None:
    task = await world.task()
    world.directory.away = True
    assert await code_of(updated(world, item(task.id, assignee_ids=[new_id()]))) == "UNAVAILABLE"
    assert world.store.state.tasks == {task.id: task}


async def test_too_many_people_are_refused_before_anybody_is_asked_about_them(world: World) -> None:
    task = await world.task()
    crowd = [item(task.id, assignee_ids=[new_id()]) for _ in range(MOST_ITEMS - 1)]
    crowd += [item(task.id, assignee_ids=[new_id() for _ in range(MOST_PEOPLE)])]
    assert await code_of(updated(world, *crowd)) == "BAD_INPUT"
    assert world.directory.asked == []


async def test_items_together_close_no_circle(world: World) -> None:
    project = await world.project()
    one, two = await world.task(project), await world.task(project)
    results = await updated(world, item(one.id, blocked_by_ids=[two.id]), item(two.id, blocked_by_ids=[one.id]))
    assert codes(results) == [None, "DEPENDENCY_CYCLE"]


async def test_guests_and_strangers_change_nothing(world: World) -> None:
    task = await world.task()
    for viewer, code in ((world.viewer(role=Role.GUEST), "FORBIDDEN"), (world.stranger(), "NOT_FOUND")):
        results = await world.services.bulk.update(viewer, [item(task.id, title="Mine")], all_or_nothing=False)
        assert codes(results) == [code]


@pytest.mark.parametrize("count", [0, 101])
async def test_none_and_too_many_are_refused(world: World, count: int) -> None:
    assert await code_of(updated(world, *(item(new_id(), title="New") for _ in range(count)))) == "BAD_INPUT"


async def test_a_repetition_under_a_key_gets_the_same_results(world: World) -> None:
    task = await world.task()
    viewer = world.viewer().using(a_use())
    items = [item(task.id, title="New"), item(new_id(), title="New")]
    first, second = [await world.services.bulk.update(viewer, items, all_or_nothing=False) for _ in range(2)]
    assert (codes(second), second[0]) == (codes(first), first[0])
    assert world.store.state.tasks[task.id].version == 2
