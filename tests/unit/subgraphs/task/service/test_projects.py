"""Use cases of projects, over the store in memory."""

from dataclasses import replace
from typing import Any

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from subgraphs.task.domain.memberships import Role
from subgraphs.task.domain.projects import ProjectDraft, ProjectPatch
from subgraphs.task.service.ports import Window
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

    async def test_an_idempotency_key_makes_one_project(self, world: World) -> None:
        first = await world.services.projects.create(world.viewer(), a_draft(world), key="k")
        assert await world.services.projects.create(world.viewer(), a_draft(world), key="k") == first
        attempt = world.services.projects.create(world.viewer(), a_draft(world, key="OPS"), key="k")
        assert await code_of(attempt) == "IDEMPOTENCY_MISMATCH"


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
