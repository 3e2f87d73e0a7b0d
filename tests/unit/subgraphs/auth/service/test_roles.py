"""Custom roles: nobody makes more than they are, and whoever holds one is what it says at once."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from kit.errors import DomainError
from proto.permissions import GRANTABLE, OWNERS_ONLY, TABLE, Permission, Role
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.roles import MOST_ROLES, RoleId
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from tests.testkit.auth_world import World


async def _workspace(world: World) -> tuple[User, Workspace]:
    ada = await world.person("ada")
    return ada, await world.tenants.create(ada.id, "Engines", None)


async def _refusal(question: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await question
    return refused.value.code


class TestCreate:
    async def test_a_member_who_gets_it_may_what_it_says_and_what_everybody_may(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role = await world.role(workspace, ada, Permission.TASK_CREATE, Permission.COMMENT_ADD)
        bob = await world.member(workspace, ada, "bob", role.id)
        mine = await world.members.mine(bob.id, workspace.id)
        assert (mine.role, mine.role_id) == (Role.CUSTOM, role.id)
        assert mine.permissions == TABLE[Role.GUEST] | {Permission.TASK_CREATE, Permission.COMMENT_ADD}
        told = world.database.happenings[-1]
        assert isinstance(told, MembershipChanged)
        assert told.membership == mine
        (listed,) = await world.roles.of_workspace(bob.id, workspace.id)
        assert listed.members == 1

    @pytest.mark.parametrize("name", ["", "Owner", "GUEST", "custom", "x" * 101])
    async def test_names_that_mislead_are_refused(self, name: str) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        assert await _refusal(world.roles.create(ada.id, workspace.id, name, [])) == "BAD_INPUT"

    @pytest.mark.parametrize("name", [*sorted(OWNERS_ONLY), Permission.WORKSPACE_READ, "moon.shoot", ""])
    async def test_what_cannot_be_given_is_refused_by_name(self, name: str) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        with pytest.raises(DomainError) as refused:
            await world.roles.create(ada.id, workspace.id, "Tester", [Permission.TASK_CREATE, name])
        assert list(refused.value.fields) == ["permissions"]
        assert world.database.tables.roles == {}

    async def test_a_name_is_taken_whatever_its_case_but_not_elsewhere(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        other = await world.tenants.create(ada.id, "Looms", None)
        await world.role(workspace, ada, name="Tester")
        assert await _refusal(world.role(workspace, ada, name="TESTER")) == "EXISTS"
        assert await world.role(other, ada, name="Tester")

    async def test_there_are_not_too_many(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        for number in range(MOST_ROLES):
            await world.role(workspace, ada, name=f"Role {number}")
        assert await _refusal(world.role(workspace, ada, name="One more")) == "PRECONDITION_FAILED"

    async def test_nobody_makes_a_role_that_may_more_than_they(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        maker = await world.role(workspace, ada, Permission.ROLES_MANAGE, Permission.TASK_CREATE)
        bob = await world.member(workspace, ada, "bob", maker.id)
        assert await world.role(workspace, bob, Permission.TASK_CREATE, name="Writer")
        assert await _refusal(world.role(workspace, bob, Permission.TASK_DELETE, name="Eraser")) == "FORBIDDEN"
        strong = await world.role(workspace, ada, Permission.AUDIT_READ, name="Auditor")
        assert await _refusal(world.roles.update(bob.id, strong.id, "Nobody", [])) == "FORBIDDEN"
        assert await _refusal(world.roles.delete(bob.id, strong.id, None)) == "FORBIDDEN"
        grown = [Permission.ROLES_MANAGE, Permission.TASK_CREATE, Permission.MEMBERS_CHANGE]
        assert await _refusal(world.roles.update(bob.id, maker.id, None, grown)) == "FORBIDDEN"


class TestGiving:
    async def test_nobody_gives_or_takes_more_than_they_have(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        warden = await world.role(workspace, ada, Permission.MEMBERS_CHANGE, Permission.TASK_CREATE, name="Warden")
        strong = await world.role(workspace, ada, Permission.AUDIT_READ, name="Auditor")
        bob = await world.member(workspace, ada, "bob", warden.id)
        cyd = await world.member(workspace, ada, "cyd", Role.GUEST)
        dan = await world.member(workspace, ada, "dan", strong.id)
        change = world.members.change
        for asked in (Role.ADMIN, Role.MEMBER, strong.id):
            assert await _refusal(change(bob.id, workspace.id, cyd.id, asked)) == "FORBIDDEN"
        assert await _refusal(change(bob.id, workspace.id, dan.id, None)) == "FORBIDDEN"
        _, changed = await change(bob.id, workspace.id, cyd.id, warden.id)
        assert changed.role_id == warden.id

    async def test_a_role_of_another_workspace_reads_as_one_that_does_not_exist(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        other = await world.tenants.create(ada.id, "Looms", None)
        foreign = await world.role(other, ada, Permission.TASK_CREATE)
        bob = await world.member(workspace, ada, "bob")
        for role_id in (foreign.id, RoleId(world.ids())):
            assert await _refusal(world.members.change(ada.id, workspace.id, bob.id, role_id)) == "NOT_FOUND"
            invite = world.inviting.invite(ada.id, workspace.id, "cyd@example.com", role_id)
            assert await _refusal(invite) == "NOT_FOUND"
        assert await _refusal(world.members.change(ada.id, workspace.id, bob.id, Role.CUSTOM)) == "BAD_INPUT"

    async def test_holders_are_counted_as_they_come_and_go(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        one, other = await world.role(workspace, ada, name="One"), await world.role(workspace, ada, name="Other")
        bob, cyd = await world.member(workspace, ada, "bob", one.id), await world.member(workspace, ada, "cyd", one.id)
        await world.members.change(ada.id, workspace.id, bob.id, other.id)
        await world.members.change(cyd.id, workspace.id, cyd.id, None)
        counts = {role.name: role.members for role in await world.roles.of_workspace(ada.id, workspace.id)}
        assert counts == {"One": 0, "Other": 1}


class TestUpdate:
    async def test_every_holder_is_what_it_says_from_then_on(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role = await world.role(workspace, ada, Permission.TASK_CREATE)
        people = [await world.member(workspace, ada, name, role.id) for name in ("bob", "cyd")]
        await world.member(workspace, ada, "dan")
        before = len(world.database.happenings)
        changed = await world.roles.update(ada.id, role.id, "Commenter", [Permission.COMMENT_ADD])
        assert (changed.name, changed.permissions, changed.members) == (
            "Commenter",
            frozenset({Permission.COMMENT_ADD}),
            2,
        )
        told = world.database.happenings[before:]
        assert [one.membership.user_id for one in told if isinstance(one, MembershipChanged)] == [
            person.id for person in people
        ]
        for person in people:
            mine = await world.members.mine(person.id, workspace.id)
            assert mine.permissions == TABLE[Role.GUEST] | {Permission.COMMENT_ADD}
            assert mine.version == 2

    async def test_a_new_name_alone_is_nobody_elses_news_and_the_same_again_is_none(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role = await world.role(workspace, ada, Permission.TASK_CREATE)
        await world.member(workspace, ada, "bob", role.id)
        before = len(world.database.happenings)
        renamed = await world.roles.update(ada.id, role.id, "Writer", None)
        assert await world.roles.update(ada.id, role.id, "Writer", [Permission.TASK_CREATE]) == renamed
        assert len(world.database.happenings) == before

    async def test_who_joins_by_an_older_invitation_gets_it_as_it_is_now(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role = await world.role(workspace, ada, Permission.TASK_CREATE)
        token = await world.invitation_token(workspace, ada, "bob@example.com", role.id)
        await world.roles.update(ada.id, role.id, None, [Permission.COMMENT_ADD])
        bob = await world.person("bob", invitation_token=token)
        mine = await world.members.mine(bob.id, workspace.id)
        assert mine.permissions == TABLE[Role.GUEST] | {Permission.COMMENT_ADD}


class TestDelete:
    async def test_one_that_nobody_holds_goes_and_invitations_into_it_lead_to_the_least(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role = await world.role(workspace, ada, Permission.TASK_CREATE)
        token = await world.invitation_token(workspace, ada, "bob@example.com", role.id)
        await world.roles.delete(ada.id, role.id, None)
        assert await world.roles.of_workspace(ada.id, workspace.id) == []
        bob = await world.person("bob", invitation_token=token)
        assert (await world.members.mine(bob.id, workspace.id)).role is Role.GUEST

    async def test_one_that_members_hold_goes_only_with_another_for_them(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        role, other = await world.role(workspace, ada, name="One"), await world.role(workspace, ada, name="Other")
        bob = await world.member(workspace, ada, "bob", role.id)
        with pytest.raises(DomainError) as refused:
            await world.roles.delete(ada.id, role.id, None)
        assert (refused.value.code, refused.value.fields) == ("PRECONDITION_FAILED", {"members": 1})
        assert await _refusal(world.roles.delete(ada.id, role.id, role.id)) == "BAD_INPUT"
        await world.roles.delete(ada.id, role.id, other.id)
        assert (await world.members.mine(bob.id, workspace.id)).role_id == other.id
        (left,) = await world.roles.of_workspace(ada.id, workspace.id)
        assert (left.id, left.members) == (other.id, 1)
        await world.roles.delete(ada.id, other.id, Role.OWNER)
        stored = await world.database.workspaces.get(workspace.id)
        assert stored is not None
        assert stored.owners == 2


async def test_strangers_and_unknown_ids_are_not_found_alike() -> None:
    world = World()
    ada, workspace = await _workspace(world)
    eve = await world.person("eve")
    role = await world.role(workspace, ada, Permission.TASK_CREATE)
    for role_id, actor in ((role.id, eve.id), (RoleId(world.ids()), ada.id)):
        assert await _refusal(world.roles.update(actor, role_id, "Mine", None)) == "NOT_FOUND"
        assert await _refusal(world.roles.delete(actor, role_id, None)) == "NOT_FOUND"
    assert await _refusal(world.roles.of_workspace(eve.id, workspace.id)) == "NOT_FOUND"
    assert await _refusal(world.roles.create(eve.id, workspace.id, "Mine", [])) == "NOT_FOUND"


async def test_the_strongest_custom_role_is_an_admin() -> None:
    world = World()
    ada, workspace = await _workspace(world)
    role = await world.role(workspace, ada, *GRANTABLE)
    bob = await world.member(workspace, ada, "bob", role.id)
    assert (await world.members.mine(bob.id, workspace.id)).permissions == TABLE[Role.ADMIN]
