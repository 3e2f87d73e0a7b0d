"""Use cases of projects, over the store in memory."""

from dataclasses import replace
from typing import Any

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from proto.events import ProjectAccessChanged
from proto.permissions import Role
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.comments import CommentDraft
from subgraphs.task.domain.projects import MOST_MEMBERS, ProjectDraft, ProjectPatch, ProjectState, Visibility
from subgraphs.task.domain.tasks import TaskPatch
from subgraphs.task.events.published import encode
from subgraphs.task.service.ports import Page, Window
from tests.unit.subgraphs.task.samples import a_draft as a_task_draft
from tests.unit.subgraphs.task.samples import a_membership
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World


@pytest.fixture
def world() -> World:
    return World()


def a_draft(world: World, **details: Any) -> ProjectDraft:
    draft = ProjectDraft(workspace_id=world.workspace_id, key="ENG", name="Engineering")
    return replace(draft, **details)


class TestCreate:
    async def test_a_workspace_that_the_token_lacks_is_asked_for_once_and_kept(self, world: World) -> None:
        grace = new_id()
        world.directory.knows(a_membership(world.workspace_id, grace, role=Role.OWNER))
        for key in ("A", "B"):
            viewer = world.viewer(new_id(), user_id=grace)
            await world.services.projects.create(viewer, a_draft(world, key=key))
        assert world.directory.asked == [grace]

    async def test_a_workspace_that_the_caller_is_not_in_does_not_exist(self, world: World) -> None:
        for workspace_id in (world.workspace_id, new_id()):
            attempt = world.services.projects.create(world.stranger(), a_draft(world, workspace_id=workspace_id))
            assert await code_of(attempt) == "NOT_FOUND"

    async def test_a_guest_may_not_create(self, world: World) -> None:
        attempt = world.services.projects.create(world.viewer(role=Role.GUEST), a_draft(world))
        assert await code_of(attempt) == "FORBIDDEN"

    async def test_a_lead_is_a_member(self, world: World) -> None:
        member = await world.member()
        project = await world.services.projects.create(world.viewer(), a_draft(world, lead_id=member))
        assert project.lead_id == member
        attempt = world.services.projects.create(world.viewer(), a_draft(world, key="OPS", lead_id=new_id()))
        assert await code_of(attempt) == "NOT_A_MEMBER"

    async def test_a_key_is_taken_once(self, world: World) -> None:
        await world.project()
        assert await code_of(world.services.projects.create(world.viewer(), a_draft(world))) == "PROJECT_KEY_TAKEN"


class TestUpdate:
    async def test_an_admin_or_the_lead_changes_it_others_do_not(self, world: World) -> None:
        project = await world.project()
        projects = world.services.projects
        await projects.update(world.viewer(), project.id, ProjectPatch(name="By its lead"))
        other = world.viewer(user_id=new_id())
        assert await code_of(projects.update(other, project.id, ProjectPatch(name="No"))) == "FORBIDDEN"
        admin = world.viewer(user_id=new_id(), role=Role.ADMIN)
        after = await projects.update(admin, project.id, ProjectPatch(name="By an admin"), expected_version=2)
        assert (after.name, after.version) == ("By an admin", 3)

    async def test_a_stale_version_is_a_conflict(self, world: World) -> None:
        project = await world.project()
        await world.services.projects.update(world.viewer(), project.id, ProjectPatch(name="New"))
        attempt = world.services.projects.update(
            world.viewer(), project.id, ProjectPatch(name="Newer"), expected_version=1
        )
        assert await code_of(attempt) == "VERSION_CONFLICT"

    async def test_a_new_lead_is_a_member_and_shows_in_tasks(self, world: World) -> None:
        task = await world.task()
        member = await world.member()
        projects = world.services.projects
        assert await code_of(projects.update(world.viewer(), task.project.id, ProjectPatch(lead_id=new_id()))) == (
            "NOT_A_MEMBER"
        )
        await projects.update(world.viewer(), task.project.id, ProjectPatch(lead_id=member))
        assert (await world.services.tasks.find(world.viewer(), [task.id]))[task.id].project.lead_id == member

    async def test_another_tenant_is_told_that_there_is_nothing(self, world: World) -> None:
        project = await world.project()
        attempt = world.services.projects.update(world.stranger(), project.id, ProjectPatch(name="Mine"))
        assert await code_of(attempt) == "NOT_FOUND"
        assert await world.services.projects.find(world.stranger(), [project.id]) == {}


async def test_projects_of_a_workspace_are_listed_for_its_members_alone(world: World) -> None:
    project = await world.project()
    elsewhere = new_id()
    pages = await world.services.projects.of_workspaces(
        world.viewer(), [world.workspace_id, elsewhere], Window(first=5)
    )
    page = pages[world.workspace_id]
    assert page is not None
    assert page.items == (project,)
    assert pages[elsewhere] is None


async def test_an_owner_that_is_away_is_an_outage_not_a_refusal(world: World) -> None:
    world.directory.away = True
    with pytest.raises(DomainError) as refused:
        await world.services.projects.create(world.stranger(), a_draft(world))
    assert refused.value.code == "UNAVAILABLE"


class TestPrivateProjects:
    async def test_a_private_one_belongs_to_its_creator_its_lead_and_its_members(self) -> None:
        world = World()
        bob, carol = await world.member(), await world.member()
        project = await world.project(visibility=Visibility.PRIVATE, lead_id=bob, member_ids=[carol])
        assert set(project.member_ids) == {world.ada, bob, carol}

    async def test_to_others_it_is_like_one_that_does_not_exist(self) -> None:
        world = World()
        project = await world.project(visibility=Visibility.PRIVATE)
        task = await world.task(project)
        bob = world.viewer(user_id=new_id())
        assert await world.services.projects.find(bob, [project.id]) == {}
        assert await world.services.tasks.find(bob, [task.id]) == {}
        for attempt in (
            world.services.projects.update(bob, project.id, ProjectPatch(name="Mine")),
            world.services.projects.remove_members(bob, project.id, [bob.caller.user_id]),
            world.services.tasks.update(bob, task.id, TaskPatch(title="Mine")),
            world.services.tasks.create(bob, a_task_draft(project)),
            world.services.comments.add(bob, CommentDraft(task_id=task.id, body="Hello")),
        ):
            assert await code_of(attempt) == "NOT_FOUND"

    async def test_members_come_by_the_lead_and_leave_by_themselves_but_the_lead_stays(self) -> None:
        world = World()
        project = await world.project(visibility=Visibility.PRIVATE)
        bob, carol = await world.member(), await world.member()
        project = await world.services.projects.add_members(world.viewer(), project.id, [bob, carol, bob])
        assert (set(project.member_ids), project.version) == ({world.ada, bob, carol}, 2)
        bobs = world.viewer(user_id=bob)
        assert await code_of(world.services.projects.remove_members(bobs, project.id, [carol])) == "FORBIDDEN"
        project = await world.services.projects.remove_members(bobs, project.id, [bob])
        assert bob not in project.member_ids
        leaving = world.services.projects.remove_members(world.viewer(), project.id, [world.ada])
        assert await code_of(leaving) == "PRECONDITION_FAILED"

    async def test_a_stranger_to_the_workspace_cannot_be_let_in(self) -> None:
        world = World()
        project = await world.project(visibility=Visibility.PRIVATE)
        attempt = world.services.projects.add_members(world.viewer(), project.id, [new_id()])
        assert await code_of(attempt) == "NOT_A_MEMBER"
        assert world.store.state.projects[project.id] == project

    async def test_too_many_are_refused_before_anybody_is_asked_about_them(self) -> None:
        world = World()
        project = await world.project()
        crowd = [new_id() for _ in range(MOST_MEMBERS)]
        attempt = world.services.projects.add_members(world.viewer(), project.id, crowd)
        assert await code_of(attempt) == "BAD_INPUT"
        assert world.directory.asked == []

    async def test_whoever_makes_it_private_and_a_new_lead_stay_inside(self) -> None:
        world = World()
        project, bob = await world.project(), await world.member()
        admin = world.viewer(user_id=new_id(), role=Role.ADMIN)
        patch = ProjectPatch(visibility=Visibility.PRIVATE, lead_id=bob)
        project = await world.services.projects.update(admin, project.id, patch)
        assert set(project.member_ids) >= {bob, admin.caller.user_id, world.ada}

    async def test_whoever_sees_it_no_more_is_told_so_that_their_subscriptions_end(self) -> None:
        world = World()
        bob, carol = await world.member(), await world.member()
        project = await world.project(member_ids=[bob])
        projects, viewer = world.services.projects, world.viewer()
        await projects.update(viewer, project.id, ProjectPatch(visibility=Visibility.PRIVATE))
        await projects.remove_members(viewer, project.id, [bob])
        await projects.update(viewer, project.id, ProjectPatch(visibility=Visibility.WORKSPACE))
        told = [event for event in world.store.state.outbox if isinstance(event, Announcement)]
        events = [ProjectAccessChanged.decode(encode(event).data) for event in told]
        assert [(event.user_ids, event.version) for event in events] == [((carol,), 2), ((bob,), 3)]
        assert {encode(event).type for event in told} == {ProjectAccessChanged.TOPIC}

    async def test_only_who_sees_the_project_can_be_assigned(self) -> None:
        world = World()
        project, bob = await world.project(visibility=Visibility.PRIVATE), await world.member()
        task = await world.task(project)
        tasks = world.services.tasks
        creating = tasks.create(world.viewer(), a_task_draft(project, assignee_ids=[bob]))
        assert await code_of(creating) == "NOT_A_MEMBER"
        patch = TaskPatch(assignee_ids=[bob])
        assert await code_of(tasks.update(world.viewer(), task.id, patch)) == "NOT_A_MEMBER"
        await world.services.projects.add_members(world.viewer(), project.id, [bob])
        assert (await tasks.update(world.viewer(), task.id, patch)).assignee_ids == (bob,)


class TestClosedProjects:
    async def test_an_archived_one_takes_no_changes_until_it_is_opened_again(self) -> None:
        world = World()
        project = await world.project()
        task = await world.task(project)
        projects, viewer = world.services.projects, world.viewer()
        archived = await projects.archive(viewer, project.id, expected_version=1)
        assert (archived.state, archived.version) == (ProjectState.ARCHIVED, 2)
        assert await projects.archive(viewer, project.id) == archived
        for attempt in (
            projects.update(viewer, project.id, ProjectPatch(name="New")),
            projects.add_members(viewer, project.id, []),
            world.services.tasks.create(viewer, a_task_draft(project)),
            world.services.tasks.update(viewer, task.id, TaskPatch(title="New")),
            world.services.comments.add(viewer, CommentDraft(task_id=task.id, body="Hello")),
        ):
            assert await code_of(attempt) == "PROJECT_ARCHIVED"
        assert (await projects.unarchive(viewer, project.id)).state is ProjectState.ACTIVE
        assert (await world.services.tasks.update(viewer, task.id, TaskPatch(title="New"))).title == "New"

    async def test_a_deleted_one_is_hidden_with_its_tasks_and_comes_back(self) -> None:
        world = World()
        project = await world.project()
        task = await world.task(project, assignee_ids=[])
        admin, projects = world.viewer(role=Role.ADMIN), world.services.projects
        assert await code_of(projects.delete(world.viewer(), project.id)) == "FORBIDDEN"
        deleted = await projects.delete(admin, project.id)
        assert deleted.state is ProjectState.DELETED
        assert await projects.delete(admin, project.id) == deleted
        editing = world.services.tasks.update(admin, task.id, TaskPatch(title="New"))
        assert await code_of(editing) == "PROJECT_DELETED"
        assert await code_of(projects.archive(admin, project.id)) == "PROJECT_DELETED"
        listed = await projects.of_workspaces(admin, [world.workspace_id], Window(first=9))
        assert listed[world.workspace_id] == Page()
        assert (await projects.restore(admin, project.id)).state is ProjectState.ACTIVE

    async def test_a_stale_version_is_refused(self) -> None:
        world = World()
        project = await world.project()
        await world.services.projects.archive(world.viewer(), project.id)
        stale = world.services.projects.unarchive(world.viewer(), project.id, expected_version=1)
        assert await code_of(stale) == "VERSION_CONFLICT"
