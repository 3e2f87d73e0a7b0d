"""Logging in, refreshing, logging out, proving: nothing is accepted in doubt, and what has ended never comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from kit.errors import DomainError, unavailable
from subgraphs.auth.domain.happenings import SessionRevoked
from subgraphs.auth.domain.refresh import RefreshToken
from subgraphs.auth.domain.sessions import Ending, Session
from subgraphs.auth.service.sessions import Grant
from tests.testkit.auth_memory import MemoryAttempts, MemoryLiveSessions
from tests.testkit.auth_world import ADA, HOME, PASSWORD, World

EMAIL = "ada@example.com"


class UnprolongedSessions(MemoryLiveSessions):
    """A live index that fails between being asked and being written to."""

    async def prolong(self, session: Session) -> bool:
        raise unavailable("The session store cannot be reached.")


async def _logged_in(world: World) -> Grant:
    await world.person("ada")
    return await world.logins.login(EMAIL, PASSWORD, HOME)


async def _refusal(world: World, grant: Grant) -> str:
    with pytest.raises(DomainError) as refused:
        await world.logins.prove(grant.access_token)
    return refused.value.code


def _revoked(world: World) -> list[Session]:
    return [one.session for one in world.database.happenings if isinstance(one, SessionRevoked)]


class TestLogin:
    async def test_the_session_is_proven_by_its_access_token(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        grant = await world.logins.login(" Ada@EXAMPLE.com", PASSWORD, HOME)
        proven = await world.logins.prove(grant.access_token)
        assert (proven.user, proven.session_id) == (ada, grant.session.id)
        assert [membership.workspace_id for membership in proven.memberships] == [workspace.id]
        assert proven.expires_at == grant.access_expires_at == world.clock.now() + world.lives.access

    async def test_each_login_is_a_session_of_its_own(self) -> None:
        world = World()
        first = await _logged_in(world)
        second = await world.logins.login(EMAIL, PASSWORD, HOME)
        assert first.session.id != second.session.id
        await world.logins.end(first.session.id, Ending.LOGOUT)
        assert (await world.logins.prove(second.access_token)).session_id == second.session.id

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "wrong password"),
            ("nobody@example.com", PASSWORD),
            ("not an address", PASSWORD),
            (EMAIL, "x" * 1_000_000),
            (EMAIL, ""),
            ("x" * 1_000_000, PASSWORD),
            ("\ud800", PASSWORD),
        ],
    )
    async def test_all_that_does_not_fit_gets_one_answer_after_one_slow_check(self, email: str, password: str) -> None:
        world = World()
        await world.person("ada")
        with pytest.raises(DomainError) as refused:
            await world.logins.login(email, password, HOME)
        assert (refused.value.code, refused.value.fields) == ("CREDENTIALS_INVALID", {})
        assert refused.value.message == "E-mail address and password do not belong together."
        assert len(world.hasher.checked) == 1
        assert world.database.tables.sessions == {}

    async def test_an_old_hash_is_made_anew_when_the_password_is_there(self) -> None:
        world = World()
        world.hasher.current = "v1"
        ada = await world.person("ada")
        world.hasher.current = "v2"
        await world.logins.login(EMAIL, PASSWORD, HOME)
        stored = await world.database.users.get(ada.id)
        assert stored is not None
        assert stored.password_hash == f"v2:{PASSWORD}"
        assert stored.version == ada.version

    async def test_attempts_are_counted_before_the_password_is_looked_at(self) -> None:
        world = World(attempts=MemoryAttempts(pair=2))
        await world.person("ada")
        for _ in range(2):
            with pytest.raises(DomainError):
                await world.logins.login(EMAIL, "wrong password", HOME)
        with pytest.raises(DomainError) as refused:
            await world.logins.login(EMAIL, PASSWORD, HOME)
        assert refused.value.code == "RATE_LIMITED"
        assert refused.value.fields["retryAfter"] > 0
        assert len(world.hasher.checked) == 2

    async def test_without_the_live_index_there_is_no_login(self) -> None:
        world = World()
        await world.person("ada")
        world.live.reachable = False
        with pytest.raises(DomainError) as refused:
            await world.logins.login(EMAIL, PASSWORD, HOME)
        assert refused.value.code == "UNAVAILABLE"


class TestRefresh:
    async def test_a_token_gives_its_successor_and_the_session_lives_on(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.clock.advance(timedelta(days=13))
        second = await world.logins.refresh(grant.refresh_token)
        assert second.refresh_token != grant.refresh_token
        assert second.session.id == grant.session.id
        world.clock.advance(timedelta(days=13))
        third = await world.logins.refresh(second.refresh_token)
        assert (await world.logins.prove(third.access_token)).user.email == EMAIL

    async def test_twenty_at_once_get_one_successor(self) -> None:
        world = World()
        grant = await _logged_in(world)
        grants = await asyncio.gather(*(world.logins.refresh(grant.refresh_token) for _ in range(20)))
        assert len({one.refresh_token for one in grants}) == 1
        assert len({one.access_token for one in grants}) == 20
        assert _revoked(world) == []

    async def test_a_lost_answer_is_given_again_during_the_grace(self) -> None:
        world = World()
        grant = await _logged_in(world)
        lost = await world.logins.refresh(grant.refresh_token)
        world.clock.advance(world.lives.grace)
        assert (await world.logins.refresh(grant.refresh_token)).refresh_token == lost.refresh_token

    async def test_a_replay_after_the_grace_revokes_the_session(self) -> None:
        world = World()
        grant = await _logged_in(world)
        second = await world.logins.refresh(grant.refresh_token)
        world.clock.advance(world.lives.grace + timedelta(seconds=1))
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "REFRESH_REUSED"
        assert [session.ending for session in _revoked(world)] == [Ending.REFRESH_REUSED]
        assert await _refusal(world, second) == "SESSION_ENDED"
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(second.refresh_token)
        assert refused.value.code == "SESSION_ENDED"

    async def test_a_replay_of_an_older_generation_revokes_within_the_grace_too(self) -> None:
        world = World()
        grant = await _logged_in(world)
        second = await world.logins.refresh(grant.refresh_token)
        await world.logins.refresh(second.refresh_token)
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "REFRESH_REUSED"

    async def test_guesses_are_refused_and_change_nothing(self) -> None:
        world = World()
        grant = await _logged_in(world)
        real = RefreshToken.parse(grant.refresh_token)
        assert real is not None
        forged = RefreshToken(session_id=real.session_id, proof=b"0" * 16, secret=real.secret).encode()
        unknown = RefreshToken(session_id=world.ids(), proof=real.proof, secret=real.secret).encode()
        for text in (forged, unknown, "", "tfr_", grant.access_token, "x" * 100_000):
            with pytest.raises(DomainError) as refused:
                await world.logins.refresh(text)
            assert refused.value.code == "TOKEN_INVALID"
        assert _revoked(world) == []
        assert await world.logins.refresh(grant.refresh_token)

    async def test_an_idle_session_ends(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.clock.advance(world.lives.idle)
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "SESSION_ENDED"

    async def test_a_session_ends_after_its_longest_life_however_often_refreshed(self) -> None:
        world = World()
        grant = await _logged_in(world)
        for _ in range(6):
            world.clock.advance(timedelta(days=13))
            grant = await world.logins.refresh(grant.refresh_token)
        assert grant.session.expires_at == grant.session.created_at + world.lives.longest
        world.clock.advance(timedelta(days=12))
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "SESSION_ENDED"

    async def test_after_a_loss_of_the_live_index_people_log_in_again(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.live.lose_everything()
        assert await _refusal(world, grant) == "SESSION_ENDED"
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "SESSION_ENDED"
        assert await _refusal(world, grant) == "SESSION_ENDED"
        assert await world.logins.login(EMAIL, PASSWORD, HOME)

    async def test_a_failure_half_way_does_not_use_the_token_up(self) -> None:
        world = World()
        grant = await _logged_in(world)
        whole, world.live = world.live, UnprolongedSessions(world.clock)
        await world.live.put(grant.session)
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "UNAVAILABLE"
        world.live = whole
        world.clock.advance(timedelta(minutes=5))
        assert await world.logins.refresh(grant.refresh_token)
        assert _revoked(world) == []

    async def test_a_logout_in_between_is_not_undone_by_the_refresh(self) -> None:
        world = World()
        grant = await _logged_in(world)
        refreshed, _ = await asyncio.gather(
            world.logins.refresh(grant.refresh_token),
            world.logins.end(grant.session.id, Ending.LOGOUT),
            return_exceptions=True,
        )
        assert await _refusal(world, grant) == "SESSION_ENDED"
        if isinstance(refreshed, Grant):
            assert await _refusal(world, refreshed) == "SESSION_ENDED"
        assert len(_revoked(world)) == 1


class TestLogout:
    async def test_access_and_refresh_token_are_dead_and_the_end_is_announced(self) -> None:
        world = World()
        grant = await _logged_in(world)
        ended = await world.logins.end(grant.session.id, Ending.LOGOUT)
        assert (ended.ended_at, ended.ending) == (world.clock.now(), Ending.LOGOUT)
        assert _revoked(world) == [ended]
        assert await _refusal(world, grant) == "SESSION_ENDED"
        with pytest.raises(DomainError) as refused:
            await world.logins.refresh(grant.refresh_token)
        assert refused.value.code == "SESSION_ENDED"

    async def test_logging_out_again_announces_nothing_more(self) -> None:
        world = World()
        grant = await _logged_in(world)
        first = await world.logins.end(grant.session.id, Ending.LOGOUT)
        assert await world.logins.end(grant.session.id, Ending.LOGOUT) == first
        assert len(_revoked(world)) == 1

    async def test_many_at_once_announce_one_end(self) -> None:
        world = World()
        grant = await _logged_in(world)
        await asyncio.gather(*(world.logins.end(grant.session.id, Ending.LOGOUT) for _ in range(20)))
        assert len(_revoked(world)) == 1

    async def test_while_the_live_index_is_away_the_durable_record_ends_and_refuses(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.live.reachable = False
        await world.logins.end(grant.session.id, Ending.LOGOUT)
        world.live.reachable = True
        assert await world.live.owner(grant.session.id) == grant.user_id
        assert await _refusal(world, grant) == "SESSION_ENDED"

    async def test_any_refresh_token_of_the_session_ends_it(self) -> None:
        world = World()
        grant = await _logged_in(world)
        await world.logins.refresh(grant.refresh_token)
        await world.logins.logout(grant.refresh_token)
        assert await _refusal(world, grant) == "SESSION_ENDED"

    async def test_a_guessed_token_ends_nothing(self) -> None:
        world = World()
        grant = await _logged_in(world)
        real = RefreshToken.parse(grant.refresh_token)
        assert real is not None
        forged = RefreshToken(session_id=real.session_id, proof=b"0" * 16, secret=real.secret).encode()
        for text in ("", "nonsense", forged):
            with pytest.raises(DomainError) as refused:
                await world.logins.logout(text)
            assert refused.value.code == "TOKEN_INVALID"
        assert await world.logins.prove(grant.access_token)

    async def test_everywhere_ends_every_session_of_the_person_and_no_other(self) -> None:
        world = World()
        grants = [await _logged_in(world), await world.logins.login(EMAIL, PASSWORD, HOME)]
        await world.person("bob")
        other = await world.logins.login("bob@example.com", PASSWORD, HOME)
        ended = await world.logins.logout_everywhere(grants[0].user_id)
        assert {session.id for session in ended} == {grant.session.id for grant in grants}
        for grant in grants:
            assert await _refusal(world, grant) == "SESSION_ENDED"
        assert await world.logins.prove(other.access_token)

    async def test_everywhere_leaves_alone_what_has_expired_by_itself(self) -> None:
        world = World()
        old = await _logged_in(world)
        world.clock.advance(world.lives.idle)
        fresh = await world.logins.login(EMAIL, PASSWORD, HOME)
        ended = await world.logins.logout_everywhere(old.user_id)
        assert [session.id for session in ended] == [fresh.session.id]


class TestTrail:
    async def test_what_is_printed_by_mistake_holds_no_secret(self) -> None:
        world = World()
        ada = await world.person("ada")
        grant = await world.logins.login(EMAIL, PASSWORD, HOME)
        printed = repr((ADA, ada, grant, RefreshToken.parse(grant.refresh_token)))
        for secret in (PASSWORD, grant.access_token, grant.refresh_token):
            assert secret not in printed

    async def test_who_came_was_refused_and_left_is_logged_without_personal_data(self) -> None:
        world = World()
        with capture_logs() as lines:
            grant = await _logged_in(world)
            with pytest.raises(DomainError):
                await world.logins.login(EMAIL, "wrong password", HOME)
            await world.logins.end(grant.session.id, Ending.LOGOUT)
            await world.logins.end(grant.session.id, Ending.LOGOUT)
        assert [line["event"] for line in lines] == ["logged in", "login refused", "session ended"]
        text = repr(lines)
        for secret in (EMAIL, PASSWORD, "wrong password", grant.access_token, grant.refresh_token):
            assert secret not in text


class TestProve:
    async def test_without_the_live_index_nobody_is_accepted(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.live.reachable = False
        assert await _refusal(world, grant) == "UNAVAILABLE"

    async def test_an_access_token_dies_before_its_session(self) -> None:
        world = World()
        grant = await _logged_in(world)
        world.clock.advance(world.lives.access)
        assert await _refusal(world, grant) == "TOKEN_EXPIRED"
        assert await world.logins.refresh(grant.refresh_token)

    async def test_a_refresh_token_is_no_access_token(self) -> None:
        world = World()
        grant = await _logged_in(world)
        with pytest.raises(DomainError) as refused:
            await world.logins.prove(grant.refresh_token)
        assert refused.value.code == "TOKEN_INVALID"

    async def test_a_live_entry_of_somebody_else_proves_nothing(self) -> None:
        world = World()
        grant = await _logged_in(world)
        bob = await world.person("bob")
        token = world.tokens.mint(bob.id, grant.session.id, world.clock.now(), world.lives.access)
        with pytest.raises(DomainError) as refused:
            await world.logins.prove(token)
        assert refused.value.code == "SESSION_ENDED"

    async def test_an_account_that_is_gone_is_not_accepted(self) -> None:
        world = World()
        grant = await _logged_in(world)
        del world.database.tables.users[grant.user_id]
        assert await _refusal(world, grant) == "SESSION_ENDED"

    async def test_a_role_that_changed_shows_at_once(self) -> None:
        world = World()
        ada = await world.person("ada")
        workspace = await world.tenants.create(ada.id, "Engines", None)
        bob = await world.member(workspace, ada, "bob")
        grant = await world.logins.login(bob.email, PASSWORD, HOME)
        assert len((await world.logins.prove(grant.access_token)).memberships) == 1
        await world.members.change(ada.id, workspace.id, bob.id, None)
        assert (await world.logins.prove(grant.access_token)).memberships == []
