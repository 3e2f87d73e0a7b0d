"""Signing up, and who sees whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.errors import DomainError
from proto.permissions import Role
from subgraphs.auth.domain.happenings import MailTokenIssued, MembershipChanged, UserRegistered, UserUpdated
from subgraphs.auth.domain.invitations import LIFE
from subgraphs.auth.domain.mail_tokens import Purpose
from subgraphs.auth.domain.users import Profile, UserId
from subgraphs.auth.service.users import Registration
from tests.testkit.auth_memory import MemoryAttempts
from tests.testkit.auth_world import ADA, ADDRESS, World


async def _registered(world: World, name: str) -> str:
    try:
        await world.accounts.register(replace(ADA, email=f"{name}@example.com"), ADDRESS)
    except DomainError as error:
        return error.code
    return "ok"


class TestRegister:
    async def test_an_account_exists_and_is_announced_once(self) -> None:
        world = World()
        user, workspace = await world.accounts.register(replace(ADA, email="Ada@Example.COM"), ADDRESS)
        assert workspace is None
        assert user.email == "ada@example.com"
        assert await world.database.users.by_email("ada@example.com") == user
        registered, link = world.database.happenings
        assert registered == UserRegistered(user=user)
        assert isinstance(link, MailTokenIssued)
        assert (link.user, link.record.purpose) == (user, Purpose.EMAIL_VERIFICATION)
        assert user.email_verified_at is None

    async def test_a_second_account_with_the_address_is_refused(self) -> None:
        world = World()
        await world.accounts.register(ADA, ADDRESS)
        with pytest.raises(DomainError) as refused:
            await world.accounts.register(replace(ADA, email=" ADA@example.com", display_name="Eve"), ADDRESS)
        assert refused.value.code == "EMAIL_TAKEN"
        assert len(world.database.tables.users) == 1
        assert len(world.database.happenings) == 2

    async def test_that_an_address_is_taken_is_told_only_so_often_to_one_place(self) -> None:
        world = World(attempts=MemoryAttempts(taken=2))
        outcomes = [await _registered(world, name) for name in ("ada", "ada", "bob", "ada", "cyd", "ada")]
        assert outcomes == ["ok", "EMAIL_TAKEN", "ok", "EMAIL_TAKEN", "RATE_LIMITED", "RATE_LIMITED"]
        with pytest.raises(DomainError, match="exists"):
            await world.accounts.register(ADA, "198.51.100.1")

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            (replace(ADA, email="nobody"), "BAD_INPUT"),
            (replace(ADA, password="password1234"), "PASSWORD_WEAK"),
            (replace(ADA, display_name=" "), "BAD_INPUT"),
            (replace(ADA, display_name="x" * 1_000_000), "BAD_INPUT"),
            (replace(ADA, locale="klingon"), "BAD_INPUT"),
            (replace(ADA, time_zone="Nowhere"), "BAD_INPUT"),
            (replace(ADA, invitation_token="made up"), "NOT_FOUND"),
        ],
    )
    async def test_bad_input_is_refused_and_changes_nothing(self, asked: Registration, code: str) -> None:
        world = World()
        with pytest.raises(DomainError) as refused:
            await world.accounts.register(asked, ADDRESS)
        assert refused.value.code == code
        assert world.database.tables.users == {}
        assert world.database.happenings == []

    async def test_one_address_cannot_sign_up_without_end(self) -> None:
        world = World(attempts=MemoryAttempts(registrations=1))
        await world.accounts.register(ADA, ADDRESS)
        with pytest.raises(DomainError) as refused:
            await world.accounts.register(replace(ADA, email="eve@example.com"), ADDRESS)
        assert refused.value.code == "RATE_LIMITED"


class TestRegisterByInvitation:
    async def test_the_new_account_is_a_member_at_once(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        token = await world.invitation_token(workspace, ada, "bob@example.com", Role.ADMIN)
        bob, joined = await world.accounts.register(
            replace(ADA, email="bob@example.com", display_name="Bob", invitation_token=token), ADDRESS
        )
        assert joined is not None
        assert joined.id == workspace.id
        membership = await world.database.memberships.find(workspace.id, bob.id)
        assert membership is not None
        assert membership.role is Role.ADMIN
        registered, changed = world.database.happenings[-2:]
        assert registered == UserRegistered(user=bob)
        assert changed == MembershipChanged(membership=membership, workspace_name="Engines", actor_id=bob.id)

    @pytest.mark.parametrize(
        ("email", "wait", "code"),
        [
            ("eve@example.com", timedelta(0), "FORBIDDEN"),
            ("bob@example.com", LIFE, "INVITATION_EXPIRED"),
        ],
    )
    async def test_an_invitation_that_does_not_hold_leaves_no_account(
        self, email: str, wait: timedelta, code: str
    ) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        token = await world.invitation_token(workspace, ada, "bob@example.com")
        before = list(world.database.happenings)
        world.clock.advance(wait)
        with pytest.raises(DomainError) as refused:
            await world.accounts.register(replace(ADA, email=email, invitation_token=token), ADDRESS)
        assert refused.value.code == code
        assert await world.database.users.by_email(email) is None
        assert world.database.happenings == before


class TestVisible:
    async def test_oneself_with_the_address_and_strangers_not_at_all(self) -> None:
        world = World()
        ada, eve = await world.person("ada"), await world.person("eve")
        seen = await world.accounts.visible(ada.id, [ada.id, eve.id, UserId(world.ids())])
        assert {user_id: one.shows_email for user_id, one in seen.items()} == {ada.id: True}

    async def test_members_of_a_shared_workspace_with_the_address(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob")
        seen = await world.accounts.visible(bob.id, [ada.id])
        assert seen[ada.id].user == ada
        assert seen[ada.id].shows_email

    async def test_former_members_by_name_alone_and_not_the_other_way_round(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob")
        await world.members.change(ada.id, workspace.id, bob.id, None)
        seen = await world.accounts.visible(ada.id, [bob.id])
        assert (seen[bob.id].user, seen[bob.id].shows_email) == (bob, False)
        assert await world.accounts.visible(bob.id, [ada.id]) == {}

    async def test_nobody_to_anonymous_callers(self) -> None:
        world = World()
        ada = await world.person("ada")
        assert await world.accounts.visible(None, [ada.id]) == {}

    async def test_a_profile_that_does_not_exist_is_not_found(self) -> None:
        world = World()
        with pytest.raises(DomainError) as refused:
            await world.accounts.profile(UserId(world.ids()))
        assert refused.value.code == "NOT_FOUND"


def _renamed(name: str) -> Callable[[Profile], Profile]:
    return lambda profile: replace(profile, display_name=name)


class TestProfile:
    async def test_a_change_is_kept_and_announced_with_the_next_version(self) -> None:
        world = World()
        ada = await world.person("ada")
        wanted = Profile(
            display_name=" Ada  Lovelace ",
            avatar_url="https://pictures.example/ada.png?size=64",
            locale="en-GB",
            time_zone="Europe/London",
        )
        updated = await world.accounts.update_profile(ada.id, lambda _: wanted)
        assert updated.profile == replace(wanted, display_name="Ada Lovelace")
        assert updated.version == 2
        assert await world.database.users.get(ada.id) == updated
        assert world.database.happenings[-1] == UserUpdated(user=updated)

    async def test_the_same_again_changes_and_announces_nothing(self) -> None:
        world = World()
        ada = await world.person("ada")
        before = list(world.database.happenings)
        assert await world.accounts.update_profile(ada.id, lambda profile: profile) == ada
        assert world.database.happenings == before

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (_renamed(""), "displayName"),
            (_renamed("x" * 101), "displayName"),
            (lambda profile: replace(profile, time_zone="Mars/Olympus"), "timeZone"),
            (lambda profile: replace(profile, locale="english"), "locale"),
            (lambda profile: replace(profile, avatar_url="http://pictures.example/a.png"), "avatarUrl"),
            (lambda profile: replace(profile, avatar_url="javascript:alert(1)"), "avatarUrl"),
        ],
    )
    async def test_bad_input_names_its_field_and_changes_nothing(
        self, change: Callable[[Profile], Profile], field: str
    ) -> None:
        world = World()
        ada = await world.person("ada")
        with pytest.raises(DomainError) as refused:
            await world.accounts.update_profile(ada.id, change)
        assert list(refused.value.fields) == [field]
        assert await world.database.users.get(ada.id) == ada

    async def test_of_two_changes_at_once_none_is_lost(self) -> None:
        world = World()
        ada = await world.person("ada")
        await asyncio.gather(
            world.accounts.update_profile(ada.id, _renamed("Ada L.")),
            world.accounts.update_profile(ada.id, lambda profile: replace(profile, locale="fr")),
        )
        stored = await world.database.users.get(ada.id)
        assert stored is not None
        assert (stored.display_name, stored.locale, stored.version) == ("Ada L.", "fr", 3)
