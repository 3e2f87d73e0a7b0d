"""Listing members, changing roles, leaving: by the table, and never without an owner."""

from __future__ import annotations

import asyncio

import pytest

from kit.errors import DomainError
from proto.permissions import TABLE, Permission, Role, may_give, permissions_of
from subgraphs.auth.domain.happenings import MembershipChanged
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.domain.workspaces import Workspace
from tests.testkit.auth_world import BUILT_IN, World


async def _workspace(world: World) -> tuple[User, Workspace]:
    ada = await world.person("ada")
    return ada, await world.tenants.create(ada.id, "Engines", None)


class TestPage:
    async def test_pages_follow_each_other_in_the_order_of_joining(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        names = ["bob", "cyd", "dan", "eve"]
        people = [ada.id, *[(await world.member(workspace, ada, name)).id for name in names]]
        seen: list[UserId] = []
        after = None
        for more in (True, True, False):
            page, has_more = await world.members.page(ada.id, workspace.id, first=2, after=after)
            assert has_more is more
            seen += [member.user_id for member in page]
            after = page[-1].id
        assert seen == people

    @pytest.mark.parametrize("first", [0, -1, 101, 10**9])
    async def test_other_sizes_of_a_page_are_refused(self, first: int) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        with pytest.raises(DomainError) as refused:
            await world.members.page(ada.id, workspace.id, first=first, after=None)
        assert list(refused.value.fields) == ["first"]

    async def test_strangers_are_told_that_there_is_no_such_workspace(self) -> None:
        world = World()
        _, workspace = await _workspace(world)
        eve = await world.person("eve")
        with pytest.raises(DomainError) as refused:
            await world.members.page(eve.id, workspace.id, first=1, after=None)
        assert refused.value.code == "NOT_FOUND"


class TestChange:
    async def test_a_new_role_is_announced_with_the_next_version(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob = await world.member(workspace, ada, "bob")
        _, changed = await world.members.change(ada.id, workspace.id, bob.id, Role.ADMIN)
        assert (changed.role, changed.version) == (Role.ADMIN, 2)
        assert world.database.happenings[-1] == MembershipChanged(
            membership=changed, workspace_name=workspace.name, actor_id=ada.id
        )

    async def test_the_same_role_again_changes_and_announces_nothing(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob = await world.member(workspace, ada, "bob")
        before = len(world.database.happenings)
        _, same = await world.members.change(ada.id, workspace.id, bob.id, Role.MEMBER)
        assert same.version == 1
        assert len(world.database.happenings) == before

    @pytest.mark.parametrize("actor_role", BUILT_IN)
    @pytest.mark.parametrize("member_role", BUILT_IN)
    @pytest.mark.parametrize("new_role", [*BUILT_IN, None])
    async def test_every_cell_of_who_may_make_whom_what(
        self, actor_role: Role, member_role: Role, new_role: Role | None
    ) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        actor = await world.member(workspace, ada, "actor", actor_role)
        member = await world.member(workspace, ada, "member", member_role)
        allowed = (
            Permission.MEMBERS_CHANGE in TABLE[actor_role]
            and may_give(TABLE[actor_role], TABLE[member_role])
            and may_give(TABLE[actor_role], permissions_of(new_role))
        )
        if allowed:
            _, changed = await world.members.change(actor.id, workspace.id, member.id, new_role)
            assert changed.role is new_role
            return
        with pytest.raises(DomainError) as refused:
            await world.members.change(actor.id, workspace.id, member.id, new_role)
        assert refused.value.code == "FORBIDDEN"
        unchanged = await world.database.memberships.find(workspace.id, member.id)
        assert unchanged is not None
        assert (unchanged.role, unchanged.version) == (member_role, 1)

    async def test_anybody_may_leave_but_the_last_owner(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        guest = await world.member(workspace, ada, "guest", Role.GUEST)
        _, left = await world.members.change(guest.id, workspace.id, guest.id, None)
        assert not left.active
        for role in (None, Role.ADMIN):
            with pytest.raises(DomainError) as refused:
                await world.members.change(ada.id, workspace.id, ada.id, role)
            assert refused.value.code == "PRECONDITION_FAILED"

    async def test_of_two_owners_who_remove_each_other_at_once_one_stays(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob = await world.member(workspace, ada, "bob", Role.OWNER)
        outcomes = await asyncio.gather(
            world.members.change(ada.id, workspace.id, bob.id, None),
            world.members.change(bob.id, workspace.id, ada.id, None),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
        members, _ = await world.members.page(ada.id, workspace.id, first=10, after=None)
        assert [member.role for member in members] == [Role.OWNER]

    async def test_people_who_are_not_members_are_not_found(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        eve = await world.person("eve")
        with pytest.raises(DomainError) as refused:
            await world.members.change(ada.id, workspace.id, eve.id, Role.ADMIN)
        assert refused.value.code == "NOT_FOUND"
        with pytest.raises(DomainError) as refused:
            await world.members.change(eve.id, workspace.id, ada.id, None)
        assert refused.value.code == "NOT_FOUND"
