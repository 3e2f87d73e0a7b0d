"""Labels, parents, dependencies, dates, estimates and watchers of tasks, over the store in memory."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.labels import LabelPatch
from subgraphs.task.domain.projects import Visibility
from subgraphs.task.domain.tasks import Task, TaskPatch
from tests.unit.subgraphs.task.samples import NOW, a_draft
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


async def patched(world: World, task: Task | UUID, **fields: Any) -> Task:
    task_id = task.id if isinstance(task, Task) else task
    return await world.services.tasks.update(world.viewer(), task_id, TaskPatch(**fields))


class TestLabels:
    async def test_a_task_carries_labels_of_its_own_project_alone(self, world: World) -> None:
        project, other = await world.project(), await world.project("OPS")
        labels = world.services.labels
        bug = await labels.create(world.viewer(), project.id, name="Bug", color="#D73A4A")
        foreign = await labels.create(world.viewer(), other.id, name="Bug", color="#d73a4a")
        task = await world.task(project, label_ids=[bug.id])
        assert (task.labels, bug.color) == ((bug,), "#d73a4a")
        for label_id in (foreign.id, new_id()):
            assert await code_of(patched(world, task, label_ids=[label_id])) == "NOT_FOUND"
        assert (await patched(world, task, label_ids=[])).labels == ()

    async def test_a_deleted_label_is_gone_from_tasks_and_cannot_be_used(self, world: World) -> None:
        project = await world.project()
        bug = await world.services.labels.create(world.viewer(), project.id, name="Bug", color="#d73a4a")
        task = await world.task(project, label_ids=[bug.id])
        await world.services.labels.delete(world.viewer(), bug.id, expected_version=1)
        found = await world.services.tasks.find(world.viewer(), [task.id])
        assert found[task.id].labels == ()
        assert await code_of(patched(world, task, label_ids=[bug.id])) == "NOT_FOUND"
        assert await code_of(world.services.labels.delete(world.viewer(), bug.id)) == "NOT_FOUND"

    @pytest.mark.parametrize(("name", "color"), [("", "#000000"), ("x" * 51, "#000000"), ("Fine", "red"), ("Fine", "")])
    async def test_one_that_is_none_is_refused(self, world: World, name: str, color: str) -> None:
        project = await world.project()
        attempt = world.services.labels.create(world.viewer(), project.id, name=name, color=color)
        assert await code_of(attempt) == "BAD_INPUT"

    async def test_its_lead_changes_it_others_only_make_them(self, world: World) -> None:
        project = await world.project()
        bob = world.viewer(user_id=new_id())
        label = await world.services.labels.create(bob, project.id, name="Bug", color="#d73a4a")
        patch = LabelPatch(name="Defect")
        assert await code_of(world.services.labels.update(bob, label.id, patch)) == "FORBIDDEN"
        renamed = await world.services.labels.update(world.viewer(), label.id, patch, expected_version=1)
        assert (renamed.name, renamed.version) == ("Defect", 2)
        stale = world.services.labels.update(world.viewer(), label.id, LabelPatch(color="#000000"), expected_version=1)
        with pytest.raises(DomainError) as refused:
            await stale
        assert refused.value.fields["submitted"] == {"color": "#000000"}
        guest = world.services.labels.create(world.viewer(role=Role.GUEST), project.id, name="x", color="#000000")
        assert await code_of(guest) == "FORBIDDEN"


class TestGraph:
    async def test_a_task_never_waits_for_itself_over_others(self, world: World) -> None:
        project = await world.project()
        one = await world.task(project)
        two = await world.task(project, blocked_by_ids=[one.id])
        three = await world.task(project, blocked_by_ids=[two.id])
        for blockers in ([three.id], [one.id], [two.id, three.id]):
            assert await code_of(patched(world, one, blocked_by_ids=blockers)) == "DEPENDENCY_CYCLE"
        await patched(world, two, blocked_by_ids=[])
        assert (await patched(world, one, blocked_by_ids=[three.id])).blocked_by_ids == (three.id,)

    async def test_a_task_is_never_a_part_of_itself(self, world: World) -> None:
        project = await world.project()
        one = await world.task(project)
        two = await world.task(project, parent_id=one.id)
        three = await world.task(project, parent_id=two.id)
        for parent in (one, two, three):
            assert await code_of(patched(world, one, parent_id=parent.id)) == "DEPENDENCY_CYCLE"
        assert (await patched(world, three, parent_id=one.id)).parent_id == one.id
        assert (await patched(world, three, parent_id=None)).parent_id is None

    async def test_a_parent_is_there_and_of_the_same_project(self, world: World) -> None:
        project = await world.project()
        task, gone = await world.task(project), await world.task(project)
        await world.services.tasks.delete(world.viewer(), gone.id)
        elsewhere = await world.task(await world.project("OPS"))
        for parent_id, code in ((elsewhere.id, "BAD_INPUT"), (gone.id, "BAD_INPUT"), (new_id(), "NOT_FOUND")):
            assert await code_of(patched(world, task, parent_id=parent_id)) == code
            draft = a_draft(project, parent_id=parent_id)
            assert await code_of(world.services.tasks.create(world.viewer(), draft)) == code

    async def test_a_blocker_may_be_of_another_project_that_the_caller_sees(self, world: World) -> None:
        task = await world.task(await world.project())
        open_one = await world.task(await world.project("OPS"))
        assert (await patched(world, task, blocked_by_ids=[open_one.id])).blocked_by_ids == (open_one.id,)
        secret = await world.task(await world.project("SEC", visibility=Visibility.PRIVATE))
        bob = world.viewer(user_id=new_id())
        for blocker in (secret.id, new_id()):
            attempt = world.services.tasks.update(bob, task.id, TaskPatch(blocked_by_ids=[open_one.id, blocker]))
            assert await code_of(attempt) == "NOT_FOUND"

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(0, 4), max_size=3)), max_size=12))
    async def test_whatever_is_tried_there_is_no_circle(self, tries: list[tuple[int, set[int]]]) -> None:
        world = World()
        project = await world.project()
        tasks = [await world.task(project) for _ in range(5)]
        for number, blockers in tries:
            with suppress(DomainError):
                await patched(world, tasks[number], blocked_by_ids=[tasks[one].id for one in sorted(blockers)])
        left = {task.id: set(task.blocked_by_ids) for task in world.store.state.tasks.values()}
        while free := [one for one, blockers in left.items() if not blockers & left.keys()]:
            for one in free:
                del left[one]
        assert not left


class TestDatesAndEstimates:
    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"start_at": NOW + timedelta(days=3), "due_at": NOW + timedelta(days=2)}, "startAt"),
            ({"start_at": NOW.replace(tzinfo=None)}, "startAt"),
            ({"estimate": -1}, "estimate"),
            ({"estimate": 10_001}, "estimate"),
        ],
    )
    async def test_what_cannot_be_is_named(self, world: World, fields: dict[str, Any], named: str) -> None:
        project = await world.project()
        task = await world.task(project)
        for attempt in (
            world.services.tasks.create(world.viewer(), a_draft(project, **fields)),
            patched(world, task, **fields),
        ):
            with pytest.raises(DomainError) as refused:
                await attempt
            assert set(refused.value.fields) == {named}

    async def test_an_old_start_may_stand_when_another_field_changes(self, world: World) -> None:
        task = await world.task(start_at=NOW, due_at=NOW + timedelta(hours=1), estimate=3)
        world.clock.advance(timedelta(days=1))
        assert (await patched(world, task, title="New", start_at=task.start_at)).title == "New"


class TestWatching:
    async def test_the_reporter_and_whoever_asks_to_watch_and_it_is_no_change(self, world: World) -> None:
        task = await world.task()
        assert task.watcher_ids == (world.ada,)
        guest = world.viewer(user_id=new_id(), role=Role.GUEST)
        for _ in range(2):
            task = await world.services.tasks.watch(guest, task.id, watching=True)
            assert (task.watcher_ids, task.version) == ((world.ada, guest.caller.user_id), 1)
        assert (await world.services.tasks.watch(guest, task.id, watching=False)).watcher_ids == (world.ada,)
        assert await code_of(world.services.tasks.watch(world.stranger(), task.id, watching=True)) == "NOT_FOUND"
