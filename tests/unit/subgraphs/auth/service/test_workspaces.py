"""Creating and finding workspaces."""

from __future__ import annotations

import pytest

from kit.errors import DomainError
from proto.permissions import Role
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from tests.testkit.auth_world import World


class TestCreate:
    async def test_the_creator_is_its_owner_in_the_same_commit(self) -> None:
        world = World()
        ada = await world.person()
        workspace = await world.tenants.create(ada.id, "  Analytical  Engines ", None)
        assert (workspace.name, workspace.slug) == ("Analytical Engines", "analytical-engines")
        (owner,) = await world.database.memberships.of_user(ada.id)
        assert owner.role is Role.OWNER
        assert world.database.happenings[-1] == MembershipChanged(
            membership=owner, workspace_name=workspace.name, actor_id=ada.id
        )

    async def test_a_taken_slug_that_was_asked_for_is_refused_and_leaves_no_membership(self) -> None:
        world = World()
        ada, bob = await world.person("ada"), await world.person("bob")
        await world.tenants.create(ada.id, "One", "engines")
        with pytest.raises(DomainError) as refused:
            await world.tenants.create(bob.id, "Two", "engines")
        assert (refused.value.code, refused.value.fields) == ("SLUG_TAKEN", {"slug": "engines"})
        assert await world.database.memberships.of_user(bob.id) == []

    async def test_a_slug_made_from_the_name_gives_way(self) -> None:
        world = World()
        ada = await world.person()
        first = await world.tenants.create(ada.id, "Engines", None)
        second = await world.tenants.create(ada.id, "Engines", None)
        assert first.slug == "engines"
        assert second.slug.startswith("engines-")

    @pytest.mark.parametrize(("name", "slug"), [("", None), ("x" * 101, None), ("Good", "Bad Slug")])
    async def test_bad_input_is_refused_and_changes_nothing(self, name: str, slug: str | None) -> None:
        world = World()
        ada = await world.person()
        with pytest.raises(DomainError) as refused:
            await world.tenants.create(ada.id, name, slug)
        assert refused.value.code == "BAD_INPUT"
        assert world.database.tables.workspaces == {}


class TestVisible:
    async def test_only_where_one_is_a_member_now(self) -> None:
        world = World()
        ada, eve = await world.person("ada"), await world.person("eve")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob")
        wanted = [workspace.id, WorkspaceId(world.ids())]
        assert await world.tenants.visible(ada.id, wanted) == {workspace.id: workspace}
        assert await world.tenants.visible(eve.id, wanted) == {}
        assert await world.tenants.visible(None, wanted) == {}
        await world.members.change(bob.id, workspace.id, bob.id, None)
        assert await world.tenants.visible(bob.id, wanted) == {}


class TestContext:
    async def test_names_the_membership_of_a_named_user(self) -> None:
        world = World()
        ada = await world.person()
        workspace = await world.tenants.create(ada.id, "Engines", None)
        named = await world.tenants.context(workspace.id, ada.id)
        assert named.membership is not None
        assert named.membership.role is Role.OWNER
        assert (await world.tenants.context(workspace.id, UserId(world.ids()))).membership is None
        assert (await world.tenants.context(workspace.id, None)).workspace == workspace

    async def test_an_unknown_workspace_is_not_found(self) -> None:
        world = World()
        with pytest.raises(DomainError) as refused:
            await world.tenants.context(WorkspaceId(world.ids()), None)
        assert refused.value.code == "NOT_FOUND"
