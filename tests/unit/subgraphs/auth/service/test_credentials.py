"""Changing and resetting passwords, proving addresses: one commit each, and no word about who has an account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.errors import DomainError
from subgraphs.auth.domain.happenings import MailTokenIssued, SessionRevoked
from subgraphs.auth.domain.mail_tokens import LIVES, Purpose
from subgraphs.auth.domain.sessions import Ending
from subgraphs.auth.service.sessions import Grant
from tests.testkit.auth_memory import MemoryAttempts, PlainHasher
from tests.testkit.auth_world import HOME, PASSWORD, World

EMAIL = "ada@example.com"
BETTER = "an even better staple"


class WaitingHasher(PlainHasher):
    """Lets others have their turn while it hashes, as the real one does."""

    async def hash(self, password: str) -> str:
        await asyncio.sleep(0)
        return await super().hash(password)


async def _refusal(question: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refused:
        await question
    return refused.value.code


async def _logged_in(world: World, times: int = 1) -> list[Grant]:
    await world.person("ada")
    return [await world.logins.login(EMAIL, PASSWORD, HOME) for _ in range(times)]


class TestChange:
    async def test_the_new_password_works_the_old_one_does_not_and_other_sessions_are_over(self) -> None:
        world = World()
        mine, *others = await _logged_in(world, 3)
        ended = await world.credentials.change_password(mine.user_id, mine.session.id, PASSWORD, BETTER, HOME)
        assert {one.id for one in ended} == {one.session.id for one in others}
        assert {one.ending for one in ended} == {Ending.PASSWORD_CHANGED}
        assert (await world.logins.prove(mine.access_token)).session_id == mine.session.id
        for other in others:
            assert await _refusal(world.logins.prove(other.access_token)) == "SESSION_ENDED"
            assert await _refusal(world.logins.refresh(other.refresh_token)) == "SESSION_ENDED"
        assert await _refusal(world.logins.login(EMAIL, PASSWORD, HOME)) == "CREDENTIALS_INVALID"
        assert await world.logins.login(EMAIL, BETTER, HOME)
        assert (await world.logins.refresh(mine.refresh_token)).session.id == mine.session.id
        assert world.database.happenings[-2:] == [SessionRevoked(session=one) for one in ended]

    @pytest.mark.parametrize(
        ("current", "wanted", "code"),
        [
            ("wrong password", BETTER, "BAD_INPUT"),
            ("", BETTER, "BAD_INPUT"),
            (PASSWORD, "password1234", "PASSWORD_WEAK"),
            (PASSWORD, "short", "PASSWORD_WEAK"),
        ],
    )
    async def test_bad_input_is_refused_and_changes_nothing(self, current: str, wanted: str, code: str) -> None:
        world = World()
        mine, other = await _logged_in(world, 2)
        before = await world.database.users.get(mine.user_id)
        change = world.credentials.change_password(mine.user_id, mine.session.id, current, wanted, HOME)
        assert await _refusal(change) == code
        assert await world.database.users.get(mine.user_id) == before
        assert await world.logins.prove(other.access_token)

    async def test_guesses_at_the_current_password_are_limited_like_logins(self) -> None:
        world = World(attempts=MemoryAttempts(pair=2))
        (mine,) = await _logged_in(world)
        codes = [
            await _refusal(world.credentials.change_password(mine.user_id, mine.session.id, "wrong one", BETTER, HOME))
            for _ in range(3)
        ]
        assert codes == ["BAD_INPUT", "BAD_INPUT", "RATE_LIMITED"]

    async def test_in_a_session_that_is_over_nothing_changes(self) -> None:
        world = World()
        (mine,) = await _logged_in(world)
        await world.logins.end(mine.session.id, Ending.LOGOUT)
        change = world.credentials.change_password(mine.user_id, mine.session.id, PASSWORD, BETTER, HOME)
        assert await _refusal(change) == "SESSION_ENDED"
        assert await world.logins.login(EMAIL, PASSWORD, HOME)

    async def test_of_two_at_once_one_wins_and_the_other_is_told(self) -> None:
        world = World(hasher=WaitingHasher())
        (mine,) = await _logged_in(world)
        outcomes = await asyncio.gather(
            *(
                world.credentials.change_password(mine.user_id, mine.session.id, PASSWORD, wanted, HOME)
                for wanted in (BETTER, BETTER + "!")
            ),
            return_exceptions=True,
        )
        assert [one.code for one in outcomes if isinstance(one, DomainError)] == ["UNAVAILABLE"]

    async def test_without_redis_the_password_changes_and_the_others_are_refused_all_the_same(self) -> None:
        world = World()
        mine, other = await _logged_in(world, 2)
        world.live.reachable = False
        await world.credentials.change_password(mine.user_id, mine.session.id, PASSWORD, BETTER, HOME)
        world.live.reachable = True
        assert await _refusal(world.logins.prove(other.access_token)) == "SESSION_ENDED"

    async def test_a_session_that_was_being_opened_with_the_old_password_is_dead(self) -> None:
        world = World()
        (mine,) = await _logged_in(world)
        late = replace(mine.session, id=(await world.logins.login(EMAIL, PASSWORD, HOME)).session.id)
        await world.credentials.change_password(mine.user_id, mine.session.id, PASSWORD, BETTER, HOME)
        world.database.tables.sessions[late.id] = late  # written after the change, by a login that began before it
        await world.live.put(late)
        assert [one.id for one in (await world.logins.mine(late.user_id, first=9, after=None))[0]] == [mine.session.id]
        token = world.tokens.mint(late.user_id, late.id, world.clock.now(), timedelta(minutes=1))
        assert await _refusal(world.logins.prove(token)) == "SESSION_ENDED"
        assert await _refusal(world.logins.refresh(mine.refresh_token.replace("tfr_", ""))) == "TOKEN_INVALID"


class TestReset:
    async def test_the_token_of_the_mail_chooses_a_new_password_once(self) -> None:
        world = World()
        grants = await _logged_in(world, 2)
        await world.credentials.request_reset(" ADA@example.com", HOME)
        token = world.mailed_token()
        ended = await world.credentials.reset_password(token, BETTER, HOME)
        assert {one.id for one in ended} == {one.session.id for one in grants}
        for grant in grants:
            assert await _refusal(world.logins.prove(grant.access_token)) == "SESSION_ENDED"
        assert await world.logins.login(EMAIL, BETTER, HOME)
        again = world.credentials.reset_password(token, PASSWORD, HOME)
        assert await _refusal(again) == "MAIL_TOKEN_INVALID"
        user = await world.database.users.by_email(EMAIL)
        assert user is not None
        assert user.email_verified_at == world.clock.now()

    async def test_an_unknown_address_leaves_the_same_traces_but_no_mail(self) -> None:
        world = World()
        await world.credentials.request_reset("nobody@example.com", HOME)
        (record,) = world.database.tables.mail_tokens.values()
        assert (record.email, record.user_id) == ("nobody@example.com", None)
        assert world.database.happenings == []

    async def test_unknown_addresses_are_limited_like_known_ones(self) -> None:
        for name in ("ada", "nobody"):
            world = World(attempts=MemoryAttempts(mails=2))
            await world.person("ada")
            for _ in range(2):
                await world.credentials.request_reset(f"{name}@example.com", HOME)
            assert await _refusal(world.credentials.request_reset(f"{name}@example.com", HOME)) == "RATE_LIMITED"

    async def test_asking_again_kills_the_link_of_the_older_mail(self) -> None:
        world = World()
        await _logged_in(world)
        tokens = []
        for _ in range(2):
            await world.credentials.request_reset(EMAIL, HOME)
            tokens.append(world.mailed_token())
        assert await _refusal(world.credentials.reset_password(tokens[0], BETTER, HOME)) == "MAIL_TOKEN_INVALID"
        await world.credentials.reset_password(tokens[1], BETTER, HOME)

    async def test_a_link_dies_after_an_hour(self) -> None:
        world = World()
        await _logged_in(world)
        await world.credentials.request_reset(EMAIL, HOME)
        world.clock.advance(LIVES[Purpose.PASSWORD_RESET])
        assert await _refusal(world.credentials.reset_password(world.mailed_token(), BETTER, HOME)) == (
            "MAIL_TOKEN_INVALID"
        )

    async def test_a_weak_password_leaves_the_link_good(self) -> None:
        world = World()
        await _logged_in(world)
        await world.credentials.request_reset(EMAIL, HOME)
        token = world.mailed_token()
        assert await _refusal(world.credentials.reset_password(token, "short", HOME)) == "PASSWORD_WEAK"
        await world.credentials.reset_password(token, BETTER, HOME)

    @pytest.mark.parametrize("token", ["", "made up", "\ud800", "x" * 100_000])
    async def test_other_text_is_refused_before_anything_is_hashed(self, token: str) -> None:
        world = World()
        assert await _refusal(world.credentials.reset_password(token, BETTER, HOME)) == "MAIL_TOKEN_INVALID"

    async def test_the_token_of_another_purpose_is_no_good(self) -> None:
        world = World()
        await world.person("ada")
        proof = world.mailed_token()
        assert await _refusal(world.credentials.reset_password(proof, BETTER, HOME)) == "MAIL_TOKEN_INVALID"
        await world.credentials.request_reset(EMAIL, HOME)
        assert await _refusal(world.credentials.verify_email(world.mailed_token())) == "MAIL_TOKEN_INVALID"

    async def test_of_two_uses_at_once_one_wins(self) -> None:
        world = World()
        await _logged_in(world)
        await world.credentials.request_reset(EMAIL, HOME)
        token = world.mailed_token()
        outcomes = await asyncio.gather(
            *(world.credentials.reset_password(token, BETTER, HOME) for _ in range(2)), return_exceptions=True
        )
        assert [one.code for one in outcomes if isinstance(one, DomainError)] == ["MAIL_TOKEN_INVALID"]

    async def test_no_token_is_kept(self) -> None:
        world = World()
        await _logged_in(world)
        await world.credentials.request_reset(EMAIL, HOME)
        token = world.mailed_token()
        assert token not in repr(world.database.tables.mail_tokens)
        assert token not in repr(world.database.happenings[-1])


class TestVerification:
    async def test_the_link_that_registering_mails_proves_the_address(self) -> None:
        world = World()
        ada = await world.person("ada")
        proven = await world.credentials.verify_email(world.mailed_token())
        assert (proven.id, proven.email_verified_at) == (ada.id, world.clock.now())
        assert await world.database.users.get(ada.id) == proven

    async def test_another_link_can_be_had_until_the_address_is_proven(self) -> None:
        world = World()
        ada = await world.person("ada")
        first = world.mailed_token()
        assert await world.credentials.request_verification(ada.id, HOME)
        assert await _refusal(world.credentials.verify_email(first)) == "MAIL_TOKEN_INVALID"
        await world.credentials.verify_email(world.mailed_token())
        before = len(world.database.happenings)
        assert not await world.credentials.request_verification(ada.id, HOME)
        assert len(world.database.happenings) == before

    async def test_links_are_not_mailed_without_end(self) -> None:
        world = World(attempts=MemoryAttempts(mails=1))
        ada = await world.person("ada")
        assert await world.credentials.request_verification(ada.id, HOME)
        assert await _refusal(world.credentials.request_verification(ada.id, HOME)) == "RATE_LIMITED"

    async def test_whoever_comes_by_invitation_has_shown_that_mail_arrives(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        token = await world.invitation_token(workspace, ada, "bob@example.com")
        before = sum(isinstance(one, MailTokenIssued) for one in world.database.happenings)
        bob = await world.person("bob", invitation_token=token)
        assert bob.email_verified_at == world.clock.now()
        assert sum(isinstance(one, MailTokenIssued) for one in world.database.happenings) == before
