"""Use cases of tasks, over the store in memory."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.tasks import MOST_ASSIGNEES, TaskPatch
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.ports import Window
from tests.unit.subgraphs.task.samples import NOW, a_draft, a_membership, a_use
from tests.unit.subgraphs.task.world import World

ALL = Window(first=100)


@pytest.fixture
def world() -> World:
    return World()


async def code_of(attempt: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value.code


class TestCreate:
    async def test_a_task_is_numbered_in_its_project_and_told(self, world: World) -> None:
        project = await world.project()
        first, second = await world.task(project), await world.task(project)
        assert (first.key, second.key) == ("ENG-1", "ENG-2")
        assert first.reporter_id == world.ada
        assert [event.kind for event in world.store.state.outbox if isinstance(event, TaskChange)] == [
            ChangeKind.CREATED,
            ChangeKind.CREATED,
        ]

    async def test_what_is_refused_takes_no_number_and_tells_nothing(self, world: World) -> None:
        project = await world.project()
        tasks = world.services.tasks
        past = NOW - timedelta(hours=1)
        assert await code_of(tasks.create(world.viewer(), a_draft(project, due_at=past))) == "DUE_DATE_IN_PAST"
        assert await code_of(tasks.create(world.viewer(), a_draft(project, title="x" * 1_000_000))) == "BAD_INPUT"
        assert await code_of(tasks.create(world.viewer(), a_draft(project, status="Nowhere"))) == "BAD_INPUT"
        assert world.store.state.outbox == []
        assert (await world.task(project)).number == 1

    async def test_a_guest_may_not_create(self, world: World) -> None:
        project = await world.project()
        guest = world.viewer(role=Role.GUEST)
        assert await code_of(world.services.tasks.create(guest, a_draft(project))) == "FORBIDDEN"

    async def test_assignees_that_the_replica_does_not_know_are_asked_for_once(self, world: World) -> None:
        project = await world.project()
        bob = new_id()
        world.directory.knows(a_membership(world.workspace_id, bob))
        task = await world.task(project, assignee_ids=[bob])
        again = await world.task(project, assignee_ids=[bob])
        assert task.assignee_ids == again.assignee_ids == (bob,)
        assert world.directory.asked == [bob]

    async def test_an_assignee_who_is_no_member_is_refused_by_id(self, world: World) -> None:
        project = await world.project()
        member, stranger, removed = await world.member(), new_id(), new_id()
        world.directory.knows(a_membership(world.workspace_id, removed, role=None))
        with pytest.raises(DomainError) as refused:
            await world.task(project, assignee_ids=[member, stranger, removed])
        assert refused.value.code == "NOT_A_MEMBER"
        assert refused.value.fields == {"assigneeIds": [str(stranger), str(removed)]}

    async def test_an_owner_that_cannot_be_asked_is_an_outage_and_changes_nothing(self, world: World) -> None:
        project = await world.project()
        world.directory.away = True
        attempt = world.services.tasks.create(world.viewer(), a_draft(project, assignee_ids=[new_id()]))
        assert await code_of(attempt) == "UNAVAILABLE"
        assert world.store.state.tasks == {}

    async def test_a_key_makes_one_task_even_after_its_deadline_has_passed(self, world: World) -> None:
        project = await world.project()
        draft = a_draft(project, due_at=NOW + timedelta(seconds=1))
        viewer = world.viewer().using(a_use())
        first = await world.services.tasks.create(viewer, draft)
        await world.services.tasks.update(world.viewer(), first.id, TaskPatch(title="Changed since"))
        world.clock.advance(timedelta(minutes=1))
        assert await world.services.tasks.create(viewer, draft) == first
        assert len(world.store.state.tasks) == 1

    async def test_a_refused_request_keeps_nothing(self, world: World) -> None:
        project = await world.project()
        viewer = world.viewer().using(a_use())
        assert await code_of(world.services.tasks.create(viewer, a_draft(project, title=""))) == "BAD_INPUT"
        assert world.store.state.answers == {}


class TestUpdate:
    async def test_fields_and_status_are_two_events_and_two_versions(self, world: World) -> None:
        task = await world.task()
        after = await world.services.tasks.update(world.viewer(), task.id, TaskPatch(title="New", status="Done"))
        assert after.version == 3
        told = [event for event in world.store.state.outbox if isinstance(event, TaskChange)]
        assert [(event.kind, event.task.version) for event in told] == [
            (ChangeKind.CREATED, 1),
            (ChangeKind.UPDATED, 2),
            (ChangeKind.STATUS_UPDATED, 3),
        ]

    async def test_what_changes_nothing_tells_nothing(self, world: World) -> None:
        task = await world.task()
        patch = TaskPatch(title=task.title, status="todo")
        assert await world.services.tasks.update(world.viewer(), task.id, patch) == task
        assert len(world.store.state.outbox) == 1

    async def test_a_stale_version_is_told_both_sides_and_changes_nothing(self, world: World) -> None:
        task = await world.task()
        await world.services.tasks.update(world.viewer(), task.id, TaskPatch(title="Theirs", status="Done"))
        with pytest.raises(DomainError) as refused:
            await world.services.tasks.update(
                world.viewer(), task.id, TaskPatch(title="Mine"), expected_version=task.version
            )
        fields = refused.value.fields
        assert (fields["expected"], fields["actual"]) == (1, 3)
        assert fields["submitted"] == {"title": "Mine"}
        assert fields["current"] == {"title": "Theirs", "status": "Done", "statusCategory": "COMPLETED"}
        assert set(fields["changed"]) == {"title", "status", "statusCategory"}
        assert len(world.store.state.outbox) == 3

    async def test_only_assignees_who_come_must_be_members(self, world: World) -> None:
        member, left = await world.member(), await world.member()
        task = await world.task(assignee_ids=[left])
        async with world.store.write([world.workspace_id]) as work:
            await work.memberships.put(a_membership(world.workspace_id, left, role=None, version=2))
        after = await world.services.tasks.update(world.viewer(), task.id, TaskPatch(assignee_ids=[left, member]))
        assert after.assignee_ids == (left, member)
        attempt = world.services.tasks.update(world.viewer(), task.id, TaskPatch(assignee_ids=[new_id()]))
        assert await code_of(attempt) == "NOT_A_MEMBER"

    async def test_too_many_assignees_are_refused_before_anybody_is_asked_about_them(self, world: World) -> None:
        task = await world.task(await world.project())
        crowd = [new_id() for _ in range(MOST_ASSIGNEES + 1)]
        attempt = world.services.tasks.update(world.viewer(), task.id, TaskPatch(assignee_ids=crowd))
        assert await code_of(attempt) == "BAD_INPUT"
        assert world.directory.asked == []

    async def test_a_deleted_task_is_restored_before_it_changes(self, world: World) -> None:
        tasks = world.services.tasks
        task = await world.task()
        deleted = await tasks.delete(world.viewer(), task.id)
        assert deleted.deleted_at == NOW
        assert await code_of(tasks.update(world.viewer(), task.id, TaskPatch(title="New"))) == "TASK_DELETED"
        assert (await tasks.delete(world.viewer(), task.id)).version == 2
        restored = await tasks.restore(world.viewer(), task.id, expected_version=2)
        assert (restored.version, restored.deleted_at) == (3, None)
        assert await code_of(tasks.delete(world.viewer(), task.id, expected_version=2)) == "VERSION_CONFLICT"


Attempt = Callable[[World, Viewer], Awaitable[object]]


async def _update(world: World, viewer: Viewer) -> object:
    task = await world.task()
    return await world.services.tasks.update(viewer, task.id, TaskPatch(title="New"))


async def _delete(world: World, viewer: Viewer) -> object:
    task = await world.task()
    return await world.services.tasks.delete(viewer, task.id)


async def _restore(world: World, viewer: Viewer) -> object:
    task = await world.task()
    return await world.services.tasks.restore(viewer, task.id)


async def _create(world: World, viewer: Viewer) -> object:
    project = await world.project()
    return await world.services.tasks.create(viewer, a_draft(project))


ATTEMPTS = pytest.mark.parametrize("attempt", [_create, _update, _delete, _restore])


class TestAccess:
    @ATTEMPTS
    async def test_another_tenant_is_told_that_there_is_nothing(self, world: World, attempt: Attempt) -> None:
        assert await code_of(attempt(world, world.stranger())) == "NOT_FOUND"

    @ATTEMPTS
    async def test_a_guest_is_refused(self, world: World, attempt: Attempt) -> None:
        assert await code_of(attempt(world, world.viewer(role=Role.GUEST))) == "FORBIDDEN"

    async def test_unknown_and_foreign_ids_make_the_very_same_error(self, world: World) -> None:
        task = await world.task()
        errors = []
        for task_id in (task.id, new_id()):
            with pytest.raises(DomainError) as refused:
                await world.services.tasks.update(world.stranger(), task_id, TaskPatch(title="New"))
            errors.append((refused.value.kind, refused.value.code, refused.value.message, refused.value.fields))
        assert errors[0] == errors[1]

    async def test_a_member_whose_token_does_not_know_it_yet_sees_by_the_replica(self, world: World) -> None:
        task = await world.task()
        bob = await world.member()
        viewer = world.viewer(new_id(), user_id=bob)
        assert await world.services.tasks.find(viewer, [task.id]) == {task.id: task}
        after = await world.services.tasks.update(viewer, task.id, TaskPatch(title="New"))
        assert after.version == 2

    async def test_a_service_sees_the_workspace_it_names_and_no_other(self, world: World) -> None:
        task = await world.task()
        assert await world.services.tasks.clock_of(world.workspace_id, task.id) == task
        assert await code_of(world.services.tasks.clock_of(new_id(), task.id)) == "NOT_FOUND"


class TestLists:
    async def test_assigned_tasks_are_those_of_all_workspaces_also_of_one_just_joined(self, world: World) -> None:
        bob = await world.member()
        task = await world.task(assignee_ids=[bob])
        viewer = world.viewer(new_id(), user_id=bob)
        assert (await world.services.lists.assigned_to_self(viewer, ALL)).items == (task,)

    async def test_history_tells_every_change(self, world: World) -> None:
        task = await world.task()
        await world.services.tasks.update(world.viewer(), task.id, TaskPatch(title="New"))
        [entries] = (await world.services.tasks.activity(world.viewer(), [task.id], ALL)).values()
        assert [entry.kind for entry in entries.items] == [ChangeKind.UPDATED, ChangeKind.CREATED]
