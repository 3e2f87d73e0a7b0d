"""Inviting and accepting: by the table, for one address, once, for 14 days."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from kit.errors import DomainError
from proto.permissions import TABLE, Permission, Role, may_give
from subgraphs.auth.domain.audit import Action
from subgraphs.auth.domain.happenings import InvitationReminded, MembershipChanged, UserInvited
from subgraphs.auth.domain.invitations import LIFE, InvitationId, State, token_hash
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from tests.testkit.auth_memory import MemoryAttempts
from tests.testkit.auth_world import BUILT_IN, World

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
        assert (await world.inviting.accept(bob.id, new)).id == workspace.id

    @pytest.mark.parametrize("actor_role", BUILT_IN)
    @pytest.mark.parametrize("role", BUILT_IN)
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
        (joined,) = [outcome.id for outcome in outcomes if isinstance(outcome, Workspace)]
        assert joined == workspace.id
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
        assert refused.code == "INVITATION_USED"
        changes = [one for one in world.database.happenings if isinstance(one, MembershipChanged)]
        assert [one.membership.user_id for one in changes] == [ada.id, bob.id]

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


class TestRevoke:
    async def test_its_links_are_dead_and_doing_it_again_changes_nothing(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB)
        (invitation,) = world.database.tables.invitations.values()
        revoked = await world.inviting.revoke(ada.id, invitation.id)
        assert revoked.state is State.REVOKED
        assert await world.inviting.revoke(ada.id, invitation.id) == revoked
        bob = await world.person("bob")
        assert await _refusal(world.inviting.accept(bob.id, token)) == "INVITATION_USED"
        assert (await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)).id != invitation.id

    async def test_what_was_accepted_or_has_expired_cannot_be_taken_back(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        await world.member(workspace, ada, "bob")
        (accepted,) = world.database.tables.invitations.values()
        assert await _refusal(world.inviting.revoke(ada.id, accepted.id)) == "INVITATION_USED"
        late = await world.inviting.invite(ada.id, workspace.id, "cyd@example.com", Role.MEMBER)
        world.clock.advance(LIFE)
        assert await _refusal(world.inviting.revoke(ada.id, late.id)) == "INVITATION_EXPIRED"

    async def test_those_who_may_not_are_refused_and_strangers_learn_nothing(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        bob, eve = await world.member(workspace, ada, "bob"), await world.person("eve")
        invitation = await world.inviting.invite(ada.id, workspace.id, "cyd@example.com", Role.MEMBER)
        for question in (world.inviting.revoke, world.inviting.resend):
            assert await _refusal(question(bob.id, invitation.id)) == "FORBIDDEN"
            assert await _refusal(question(eve.id, invitation.id)) == "NOT_FOUND"
            assert await _refusal(question(ada.id, InvitationId(world.ids()))) == "NOT_FOUND"
        admin = await world.member(workspace, ada, "dan", Role.ADMIN)
        crown = await world.inviting.invite(ada.id, workspace.id, "fay@example.com", Role.OWNER)
        assert await _refusal(world.inviting.revoke(admin.id, crown.id)) == "FORBIDDEN"


class TestResend:
    @pytest.mark.parametrize("marked", [True, False])
    async def test_an_invitation_that_nobody_answered_in_time_lives_again(self, marked: bool) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        old = await world.invitation_token(workspace, ada, BOB, Role.GUEST)
        (invitation,) = world.database.tables.invitations.values()
        world.clock.advance(LIFE)
        if marked:
            await world.inviting.expire(invitation.id, 1)
        again = await world.inviting.resend(ada.id, invitation.id)
        assert (again.id, again.round, again.role) == (invitation.id, 2, Role.GUEST)
        assert again.expires_at == world.clock.now() + LIFE
        invited = world.database.happenings[-1]
        assert isinstance(invited, UserInvited)
        bob = await world.person("bob")
        assert await _refusal(world.inviting.accept(bob.id, old)) == "NOT_FOUND"
        assert (await world.inviting.accept(bob.id, invited.token)).id == workspace.id

    async def test_one_that_is_over_cannot_be_sent_again_nor_one_that_another_has_replaced(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        first = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        await world.inviting.revoke(ada.id, first.id)
        assert await _refusal(world.inviting.resend(ada.id, first.id)) == "INVITATION_USED"
        second = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        world.clock.advance(LIFE)
        await world.inviting.expire(second.id, 1)
        await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        assert await _refusal(world.inviting.resend(ada.id, second.id)) == "INVITATION_USED"

    async def test_it_counts_as_a_mail(self) -> None:
        world = World(attempts=MemoryAttempts(invitations=1))
        ada, workspace = await _workspace(world)
        invitation = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        assert await _refusal(world.inviting.resend(ada.id, invitation.id)) == "RATE_LIMITED"


class TestClock:
    async def test_a_reminder_is_mailed_once_and_both_links_are_good(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        first = await world.invitation_token(workspace, ada, BOB)
        (invitation,) = world.database.tables.invitations.values()
        reminded = await world.inviting.remind(invitation.id, 1)
        assert (reminded.reminded_at, reminded.expires_at) == (world.clock.now(), invitation.expires_at)
        reminder = world.database.happenings[-1]
        assert isinstance(reminder, InvitationReminded)
        assert (reminder.workspace_name, reminder.inviter_name) == ("Engines", "Ada")
        before = len(world.database.happenings)
        assert await world.inviting.remind(invitation.id, 1) == reminded
        assert len(world.database.happenings) == before
        for token in (first, reminder.token):
            assert await world.database.invitations.by_token(token_hash(token)) == reminded

    async def test_nobody_is_reminded_of_what_is_over_or_of_an_earlier_round(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        accepted = await world.member(workspace, ada, "cyd")
        (over,) = world.database.tables.invitations.values()
        again = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        again = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        before = len(world.database.happenings)
        assert (await world.inviting.remind(over.id, 1)).accepted_by == accepted.id
        assert await world.inviting.remind(again.id, 1) == again
        await world.tenants.delete(ada.id, workspace.id)
        assert await world.inviting.remind(again.id, 2) == again
        assert not [one for one in world.database.happenings[before:] if isinstance(one, InvitationReminded)]

    async def test_it_expires_when_its_time_is_over_and_not_before(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        invitation = await world.inviting.invite(ada.id, workspace.id, BOB, Role.MEMBER)
        assert (await world.inviting.expire(invitation.id, 1)).state is State.PENDING
        world.clock.advance(LIFE)
        assert (await world.inviting.expire(invitation.id, 2)).state is State.PENDING
        assert (await world.inviting.expire(invitation.id, 1)).state is State.EXPIRED
        assert (await world.inviting.expire(invitation.id, 1)).state is State.EXPIRED
        actions = [entry.action for entry in world.database.tables.audit.values()]
        assert actions.count(Action.INVITATION_EXPIRED) == 1

    async def test_an_unknown_invitation_is_not_found(self) -> None:
        world = World()
        for question in (world.inviting.remind, world.inviting.expire):
            assert await _refusal(question(InvitationId(world.ids()), 1)) == "NOT_FOUND"


class TestDeletedWorkspace:
    async def test_nobody_joins_it(self) -> None:
        world = World()
        ada, workspace = await _workspace(world)
        token = await world.invitation_token(workspace, ada, BOB)
        await world.tenants.delete(ada.id, workspace.id)
        bob = await world.person("bob")
        assert await _refusal(world.inviting.accept(bob.id, token)) == "NOT_FOUND"
        await world.tenants.restore(ada.id, workspace.id)
        assert (await world.inviting.accept(bob.id, token)).id == workspace.id


async def _refusal(question: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await question
    return refused.value.code
