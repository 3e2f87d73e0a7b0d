"""Inviting and accepting: by the table, for one address, once, for 14 days."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kit.errors import DomainError
from proto.permissions import TABLE, Permission, Role, may_give
from subgraphs.auth.domain.happenings import MembershipChanged, UserInvited
from subgraphs.auth.domain.invitations import LIFE, token_hash
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from tests.testkit.auth_memory import MemoryAttempts
from tests.testkit.auth_world import World

BOB = "bob@example.com"


async def _workspace(world: World) -> tuple[User, Workspace]:
    ada = await world.person("ada")
    return ada, await world.tenants.create(ada.id, "Engines", None)


class TestInvite:
    async def test_the_mail_gets_the_token_and_the_database_its_hash(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        invitation = await world.inviting.invite(ada.id, workspace.id, "Bob@Example.com", Role.GUEST)
        invited = world.database.happenings[-1]
        assert isinstance(invited, UserInvited)
        assert (invited.invitation, invited.workspace_name, invited.inviter_name) == (invitation, "Engines", "Ada")
        assert invitation.email == BOB
        assert invitation.expires_at == world.clock.now() + LIFE
        assert invitation.token_hash == token_hash(invited.token)
        assert invited.token not in repr(invitation)

    async def test_inviting_again_renews_the_invitation_and_kills_the_old_token(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        old = await world.invitation_token(workspace, ada, BOB)
        world.clock.advance(timedelta(days=13))
        new = await world.invitation_token(workspace, ada, BOB, Role.ADMIN)
        (invitation,) = world.database.tables.invitations.values()
        assert (invitation.version, invitation.role) == (2, Role.ADMIN)
        bob = await world.person("bob")
        with pytest.raises(DomainError) as refused:
            await world.inviting.accept(bob.id, old)
        assert refused.value.code == "NOT_FOUND"
        world.clock.advance(timedelta(days=13))
        assert await world.inviting.accept(bob.id, new) == workspace

    @pytest.mark.parametrize("actor_role", Role)
    @pytest.mark.parametrize("role", Role)
    async def test_every_cell_of_who_may_invite_as_what(self, actor_role: Role, role: Role) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        actor = await world.member(workspace, ada, "actor", actor_role)
        if Permission.MEMBERS_INVITE in TABLE[actor_role] and may_give(TABLE[actor_role], TABLE[role]):
            assert (await world.inviting.invite(actor.id, workspace.id, BOB, role)).role is role
            return
        before = len(world.database.happenings)
        with pytest.raises(DomainError) as refused:
            await world.inviting.invite(actor.id, workspace.id, BOB, role)
        assert refused.value.code == "FORBIDDEN"
        assert len(world.database.happenings) == before

    async def test_strangers_are_told_that_there_is_no_such_workspace(self) -> None:
        world = World()
        _, workspace = await _workspace(world)
        eve = await world.person("eve")
        with pytest.raises(DomainError) as refused:
            await world.inviting.invite(eve.id, workspace.id, BOB, Role.MEMBER)
        assert refused.value.code == "NOT_FOUND"

    async def test_members_and_malformed_addresses_are_refused(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob = await world.member(workspace, ada, "bob")
        for email, code in ((bob.email, "EXISTS"), ("bob", "BAD_INPUT")):
            with pytest.raises(DomainError) as refused:
                await world.inviting.invite(ada.id, workspace.id, email, Role.MEMBER)
            assert refused.value.code == code

    async def test_one_person_cannot_send_mails_without_end(self) -> None:
        world = World(attempts=MemoryAttempts(invitations=1))
        ada, workspace = await _workspace(world)
        await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        before = len(world.database.happenings)
        with pytest.raises(DomainError) as refused:
            await world.inviting.invite(ada.id, workspace.id, "cyd@example.com", Role.MEMBER)
        assert refused.value.code == "RATE_LIMITED"
        assert len(world.database.happenings) == before


class TestAccept:
    async def test_of_two_at_once_one_joins_and_the_other_learns_that_it_was_used(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB)
        bob = await world.person("bob")
        outcomes = await asyncio.gather(
            *(world.inviting.accept(bob.id, token) for _ in range(2)), return_exceptions=True
        )
        assert workspace in outcomes
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
        assert refused.code == "INVITATION_USED"
        joined = [one for one in world.database.happenings if isinstance(one, MembershipChanged)]
        assert [one.membership.user_id for one in joined] == [ada.id, bob.id]

    async def test_a_used_token_does_not_bring_a_removed_member_back(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB)
        bob = await world.person("bob")
        await world.inviting.accept(bob.id, token)
        await world.members.change(ada.id, workspace.id, bob.id, None)
        with pytest.raises(DomainError) as refused:
            await world.inviting.accept(bob.id, token)
        assert refused.value.code == "INVITATION_USED"

    async def test_whoever_comes_back_goes_on_in_the_same_record(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob = await world.member(workspace, ada, "bob")
        await world.members.change(ada.id, workspace.id, bob.id, None)
        await world.inviting.accept(bob.id, await world.invitation_token(workspace, ada, BOB, Role.ADMIN))
        membership = await world.database.memberships.find(workspace.id, bob.id)
        assert membership is not None
        assert (membership.role, membership.version) == (Role.ADMIN, 3)

    async def test_who_became_a_member_meanwhile_keeps_the_role_and_uses_the_token_up(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB, Role.GUEST)
        bob = await world.person("bob")
        membership = Membership(
            id=MembershipId(world.ids()),
            workspace_id=workspace.id,
            user_id=bob.id,
            role=Role.ADMIN,
            created_at=world.clock.now(),
        )
        await world.database.memberships.add(membership)
        before = len(world.database.happenings)
        await world.inviting.accept(bob.id, token)
        assert await world.members.of_user(bob.id) == [membership]
        assert len(world.database.happenings) == before
        with pytest.raises(DomainError) as refused:
            await world.inviting.accept(bob.id, token)
        assert refused.value.code == "INVITATION_USED"

    async def test_an_invited_owner_counts_as_one(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        await world.member(workspace, ada, "bob", Role.OWNER)
        stored = await world.database.workspaces.get(workspace.id)
        assert stored is not None
        assert stored.owners == 2

    @pytest.mark.parametrize(
        ("name", "wait", "code"),
        [("eve", timedelta(0), "FORBIDDEN"), ("bob", LIFE, "INVITATION_EXPIRED")],
    )
    async def test_others_and_latecomers_are_refused(self, name: str, wait: timedelta, code: str) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB)
        person = await world.person(name)
        world.clock.advance(wait)
        with pytest.raises(DomainError) as refused:
            await world.inviting.accept(person.id, token)
        assert refused.value.code == code
        assert await world.members.of_user(person.id) == []
