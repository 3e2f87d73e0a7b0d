"""Moving tasks on boards, over the store in memory."""

import random

import pytest

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.changes import TaskChange
from subgraphs.task.domain.positions import LONGEST
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.boards import Move
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


async def board(world: World, count: int = 3) -> tuple[Project, list[Task]]:
    project = await world.project()
    return project, [await world.task(project, title=f"Task {number}") for number in range(1, count + 1)]


def order(world: World) -> list[int]:
    return [task.number for task in sorted(world.store.state.tasks.values(), key=lambda task: task.position)]


async def test_a_task_goes_directly_behind_or_before_another_or_to_the_end(world: World) -> None:
    _, (one, two, three) = await board(world)
    boards, viewer = world.services.boards, world.viewer()
    await boards.move(viewer, Move(task_id=three.id, after_id=one.id))
    assert order(world) == [1, 3, 2]
    await boards.move(viewer, Move(task_id=two.id, before_id=one.id))
    assert order(world) == [2, 1, 3]
    await boards.move(viewer, Move(task_id=two.id))
    assert order(world) == [1, 3, 2]
    await world.task((await world.services.projects.find(viewer, [one.project.id]))[one.project.id])
    assert order(world) == [1, 3, 2, 4]


async def test_a_move_may_change_the_state_and_is_told_as_both(world: World) -> None:
    _, (one, two, _) = await board(world)
    moved = await world.services.boards.move(world.viewer(), Move(task_id=one.id, after_id=two.id, status="Done"))
    assert (moved.status.name, moved.version) == ("Done", 3)
    assert [entry.version for entry in world.store.state.activity if entry.task_id == one.id] == [1, 2, 3]


async def test_a_task_that_stands_there_already_is_not_changed(world: World) -> None:
    _, (one, two, _) = await board(world)
    assert await world.services.boards.move(world.viewer(), Move(task_id=two.id, after_id=one.id)) == two


async def test_what_cannot_be_is_refused(world: World) -> None:
    _, (one, two, three) = await board(world)
    elsewhere = await world.task(await world.project("OPS"))
    boards, viewer = world.services.boards, world.viewer()
    for move, code in (
        (Move(task_id=one.id, after_id=two.id, before_id=three.id), "BAD_INPUT"),
        (Move(task_id=one.id, after_id=one.id), "BAD_INPUT"),
        (Move(task_id=one.id, after_id=elsewhere.id), "NOT_FOUND"),
        (Move(task_id=one.id, after_id=new_id()), "NOT_FOUND"),
        (Move(task_id=new_id(), after_id=one.id), "NOT_FOUND"),
        (Move(task_id=one.id, after_id=two.id, status="Nowhere"), "BAD_INPUT"),
    ):
        assert await code_of(boards.move(viewer, move)) == code
    stale = boards.move(viewer, Move(task_id=one.id), expected_version=7)
    assert await code_of(stale) == "VERSION_CONFLICT"
    guest = boards.move(world.viewer(role=Role.GUEST), Move(task_id=one.id))
    assert await code_of(guest) == "FORBIDDEN"
    assert list(world.store.state.tasks.values()) == [one, two, three, elsewhere]


async def test_neighbours_make_room_with_events_of_their_own_when_places_become_long(world: World) -> None:
    _, tasks = await board(world, 4)
    boards, viewer = world.services.boards, world.viewer()
    wanted = [task.number for task in tasks]
    dice = random.Random(7)
    for _ in range(400):
        mover = dice.choice([3, 4])
        await boards.move(viewer, Move(task_id=tasks[mover - 1].id, after_id=tasks[0].id))
        wanted.remove(mover)
        wanted.insert(wanted.index(1) + 1, mover)
        assert order(world) == wanted
    assert all(len(task.position) <= LONGEST for task in world.store.state.tasks.values())
    two = world.store.state.tasks[tasks[1].id]
    assert two.version > 1
    changes = [event for event in world.store.state.outbox if isinstance(event, TaskChange)]
    told = [change for change in changes if change.task.id == two.id]
    assert [event.task.version for event in told] == list(range(1, two.version + 1))
