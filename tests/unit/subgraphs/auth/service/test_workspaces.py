"""Creating and finding workspaces."""

from __future__ import annotations

from collections.abc import Awaitable

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
        assert list(await world.tenants.visible(ada.id, wanted)) == [workspace.id]
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


async def _refusal(question: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await question
    return refused.value.code


class TestUpdate:
    async def test_a_slug_that_is_given_up_is_free_for_others(self) -> None:
        world = World()
        ada = await world.person()
        first = await world.tenants.create(ada.id, "Engines", "engines")
        second = await world.tenants.create(ada.id, "Looms", "looms")
        assert await _refusal(world.tenants.update(ada.id, second.id, None, "engines")) == "SLUG_TAKEN"
        moved = await world.tenants.update(ada.id, first.id, " Analytical  Engines", "analytical")
        assert (moved.name, moved.slug) == ("Analytical Engines", "analytical")
        assert (await world.tenants.update(ada.id, second.id, None, "engines")).name == "Looms"
        assert await world.tenants.by_slug(ada.id, "looms") is None
        found = await world.tenants.by_slug(ada.id, "engines")
        assert found is not None
        assert found.id == second.id

    async def test_the_same_again_changes_and_notes_nothing(self) -> None:
        world = World()
        ada = await world.person()
        workspace = await world.tenants.create(ada.id, "Engines", "engines")
        before = len(world.database.tables.audit)
        assert await world.tenants.update(ada.id, workspace.id, "Engines", "engines") == workspace
        assert await world.tenants.update(ada.id, workspace.id, None, None) == workspace
        assert len(world.database.tables.audit) == before

    @pytest.mark.parametrize(("name", "slug"), [("", None), (None, "No Slug"), (None, "-"), ("x" * 101, None)])
    async def test_bad_input_is_refused(self, name: str | None, slug: str | None) -> None:
        world = World()
        ada = await world.person()
        workspace = await world.tenants.create(ada.id, "Engines", "engines")
        assert await _refusal(world.tenants.update(ada.id, workspace.id, name, slug)) == "BAD_INPUT"

    async def test_a_slug_tells_strangers_nothing(self) -> None:
        world = World()
        ada, eve = await world.person("ada"), await world.person("eve")
        await world.tenants.create(ada.id, "Engines", "engines")
        assert await world.tenants.by_slug(eve.id, "engines") is None


class TestDelete:
    async def test_it_is_gone_for_everybody_and_comes_back_with_everybody(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", "engines")
        bob = await world.member(workspace, ada, "bob", Role.ADMIN)
        gone = await world.member(workspace, ada, "cyd")
        await world.members.change(ada.id, workspace.id, gone.id, None)
        before = len(world.database.happenings)
        deleted = await world.tenants.delete(ada.id, workspace.id)
        assert deleted.deleted_at == world.clock.now()
        for person in (ada, bob):
            assert await world.tenants.visible(person.id, [workspace.id]) == {}
            assert await world.members.of_user(person.id) == []
            assert await _refusal(world.members.mine(person.id, workspace.id)) == "NOT_FOUND"
        told = [one for one in world.database.happenings[before:] if isinstance(one, MembershipChanged)]
        assert {one.membership.user_id: one.membership.active for one in told} == {ada.id: False, bob.id: False}
        assert await _refusal(world.tenants.create(ada.id, "Other", "engines")) == "SLUG_TAKEN"
        assert await _refusal(world.tenants.delete(ada.id, workspace.id)) == "NOT_FOUND"
        assert await _refusal(world.tenants.restore(bob.id, workspace.id)) == "NOT_FOUND"
        restored = await world.tenants.restore(ada.id, workspace.id)
        assert (restored.deleted_at, restored.members, restored.owners) == (None, 2, 1)
        assert (await world.members.mine(bob.id, workspace.id)).role is Role.ADMIN
        assert await _refusal(world.members.mine(gone.id, workspace.id)) == "NOT_FOUND"
        assert await world.tenants.restore(ada.id, workspace.id) == restored

    async def test_only_owners_may_and_strangers_learn_nothing(self) -> None:
        world = World()
        ada, eve = await world.person("ada"), await world.person("eve")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob", Role.ADMIN)
        for question in (world.tenants.delete, world.tenants.restore):
            assert await _refusal(question(bob.id, workspace.id)) == "FORBIDDEN"
            assert await _refusal(question(eve.id, workspace.id)) == "NOT_FOUND"
            assert await _refusal(question(ada.id, WorkspaceId(world.ids()))) == "NOT_FOUND"


class TestTransfer:
    async def test_the_heir_owns_it_and_the_giver_stays_as_admin(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob", Role.GUEST)
        after, heir = await world.members.transfer(ada.id, workspace.id, bob.id)
        assert (after.owners, after.members) == (1, 2)
        assert (heir.user_id, heir.role) == (bob.id, Role.OWNER)
        assert (await world.members.mine(ada.id, workspace.id)).role is Role.ADMIN

    async def test_to_another_owner_it_is_stepping_down(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob", Role.OWNER)
        after, _ = await world.members.transfer(ada.id, workspace.id, bob.id)
        assert after.owners == 1

    async def test_others_strangers_and_oneself_are_refused(self) -> None:
        world = World()
        ada, eve = await world.person("ada"), await world.person("eve")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob", Role.ADMIN)
        transfer = world.members.transfer
        assert await _refusal(transfer(bob.id, workspace.id, bob.id)) == "FORBIDDEN"
        assert await _refusal(transfer(eve.id, workspace.id, eve.id)) == "NOT_FOUND"
        assert await _refusal(transfer(ada.id, workspace.id, eve.id)) == "NOT_FOUND"
        assert await _refusal(transfer(ada.id, workspace.id, ada.id)) == "BAD_INPUT"
