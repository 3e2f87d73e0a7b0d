"""What many do at once, on the real engines: one outcome, one event, nothing half-done."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable

import pytest

from kit.errors import DomainError
from proto.events import UserInvited
from proto.permissions import Role
from subgraphs.auth.domain.invitations import Invitation
from subgraphs.auth.domain.sessions import Ending
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from subgraphs.auth.service.sessions import Grant
from subgraphs.auth.service.users import Registration
from tests.integration.subgraphs.auth.conftest import Real

PASSWORD = "correct horse battery"


def _asked(email: str | None = None, token: str | None = None) -> Registration:
    email = email or f"{secrets.token_hex(8)}@example.com"
    return Registration(email=email, password=PASSWORD, display_name="Somebody", invitation_token=token)


async def _person(real: Real) -> User:
    user, _ = await real.use.accounts.register(_asked(), None)
    return user


async def _login(real: Real, user: User) -> Grant:
    return await real.use.logins.login(user.email, PASSWORD)


async def _pending(real: Real, topic: str) -> list[str]:
    """Subjects of the events of a topic that wait to be sent."""
    async with real.engines.database.pending().left_behind(1000, -60) as found:
        return [one.event.subject for one in found if one.event.type == topic]


async def _token(real: Real, workspace: Workspace, inviter: User, email: str, role: Role = Role.MEMBER) -> str:
    invitation = await real.use.inviting.invite(inviter.id, workspace.id, email, role)
    from_mail = await real.engines.database.pending().of([("invitations", invitation.id)])
    token: str = from_mail[-1].event.payload(UserInvited).token
    return token


def _codes(outcomes: Iterable[object]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)]


async def test_twenty_refreshes_of_one_token_give_one_successor(real: Real) -> None:
    grant = await _login(real, await _person(real))
    grants = await asyncio.gather(*(real.use.logins.refresh(grant.refresh_token) for _ in range(20)))
    assert len({one.refresh_token for one in grants}) == 1
    assert await real.use.logins.refresh(grants[0].refresh_token)
    assert await _pending(real, "session.revoked") == []


async def test_a_replayed_refresh_token_kills_its_session_everywhere(real: Real) -> None:
    user = await _person(real)
    grant, other = await _login(real, user), await _login(real, user)
    second = await real.use.logins.refresh(grant.refresh_token)
    third = await real.use.logins.refresh(second.refresh_token)
    outcomes = await asyncio.gather(
        *(real.use.logins.refresh(grant.refresh_token) for _ in range(5)), return_exceptions=True
    )
    assert set(_codes(outcomes)) <= {"REFRESH_REUSED", "SESSION_ENDED"}
    assert len(_codes(outcomes)) == 5
    for token in (third.access_token, grant.access_token):
        with pytest.raises(DomainError) as refused:
            await real.use.logins.prove(token)
        assert refused.value.code == "SESSION_ENDED"
    assert await real.redis.exists(f"session:{grant.session.id}") == 0
    assert await _pending(real, "session.revoked") == [str(user.id)]
    assert (await real.use.logins.prove(other.access_token)).user.id == user.id


async def test_a_logout_among_refreshes_wins(real: Real) -> None:
    user = await _person(real)
    for _ in range(5):
        grant = await _login(real, user)
        outcomes = await asyncio.gather(
            *(real.use.logins.refresh(grant.refresh_token) for _ in range(5)),
            real.use.logins.end(grant.session.id, Ending.LOGOUT),
            *(real.use.logins.refresh(grant.refresh_token) for _ in range(5)),
            return_exceptions=True,
        )
        assert set(_codes(outcomes)) <= {"SESSION_ENDED"}
        assert await real.redis.exists(f"session:{grant.session.id}") == 0
        for outcome in outcomes:
            if isinstance(outcome, Grant):
                with pytest.raises(DomainError) as refused:
                    await real.use.logins.prove(outcome.access_token)
                assert refused.value.code == "SESSION_ENDED"


async def test_a_session_that_ended_stays_dead_when_an_old_redis_comes_back(real: Real) -> None:
    grant = await _login(real, await _person(real))
    key = f"session:{grant.session.id}"
    saved = await real.redis.get(key)
    assert saved is not None
    await real.use.logins.end(grant.session.id, Ending.LOGOUT)
    await real.redis.set(key, saved)
    for attempt in (real.use.logins.prove(grant.access_token), real.use.logins.refresh(grant.refresh_token)):
        with pytest.raises(DomainError) as refused:
            await attempt
        assert refused.value.code == "SESSION_ENDED"


async def test_of_many_accounts_with_one_address_one_exists_and_is_announced(real: Real) -> None:
    asked = _asked()
    outcomes = await asyncio.gather(
        *(real.use.accounts.register(asked, None) for _ in range(10)), return_exceptions=True
    )
    assert _codes(outcomes) == ["EMAIL_TAKEN"] * 9
    user = await real.engines.database.users.by_email(asked.email)
    assert user is not None
    assert await _pending(real, "user-registered") == [str(user.id)]


async def test_of_many_workspaces_with_one_slug_one_exists_with_its_owner(real: Real) -> None:
    people = [await _person(real) for _ in range(5)]
    outcomes = await asyncio.gather(
        *(real.use.tenants.create(person.id, "Engines", "engines") for person in people), return_exceptions=True
    )
    assert _codes(outcomes) == ["SLUG_TAKEN"] * 4
    owners = [await real.use.members.of_user(person.id) for person in people]
    assert sorted(map(len, owners)) == [0, 0, 0, 0, 1]
    assert len(await _pending(real, "workspace.member.changed")) == 1


async def test_of_many_acceptances_of_an_invitation_one_joins(real: Real) -> None:
    ada, bob = await _person(real), await _person(real)
    workspace = await real.use.tenants.create(ada.id, "Engines", None)
    token = await _token(real, workspace, ada, bob.email)
    outcomes = await asyncio.gather(
        *(real.use.inviting.accept(bob.id, token) for _ in range(10)), return_exceptions=True
    )
    assert _codes(outcomes) == ["INVITATION_USED"] * 9
    (membership,) = await real.use.members.of_user(bob.id)
    assert membership.version == 1
    assert await _pending(real, "workspace.member.changed") == [str(workspace.id)] * 2


async def test_of_many_registrations_by_one_invitation_one_is_a_member_and_the_others_are_nothing(real: Real) -> None:
    ada = await _person(real)
    workspace = await real.use.tenants.create(ada.id, "Engines", None)
    email = f"{secrets.token_hex(8)}@example.com"
    token = await _token(real, workspace, ada, email)
    outcomes = await asyncio.gather(
        *(real.use.accounts.register(_asked(email, token), None) for _ in range(6)), return_exceptions=True
    )
    assert set(_codes(outcomes)) <= {"EMAIL_TAKEN", "INVITATION_USED"}
    ((user, joined),) = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    assert joined is not None
    assert joined.id == workspace.id
    members, more = await real.use.members.page(ada.id, workspace.id, first=10, after=None)
    assert [member.user_id for member in members] == [ada.id, user.id]
    assert not more


async def test_many_invitations_of_one_address_are_one_whose_last_token_works(real: Real) -> None:
    ada, bob = await _person(real), await _person(real)
    workspace = await real.use.tenants.create(ada.id, "Engines", None)
    outcomes = await asyncio.gather(
        *(real.use.inviting.invite(ada.id, workspace.id, bob.email, Role.MEMBER) for _ in range(4)),
        return_exceptions=True,
    )
    assert _codes(outcomes) == []
    assert len({outcome.id for outcome in outcomes if isinstance(outcome, Invitation)}) == 1
    token = await _token(real, workspace, ada, bob.email)
    assert (await real.use.inviting.accept(bob.id, token)).id == workspace.id


async def test_of_two_owners_who_remove_each_other_one_stays(real: Real) -> None:
    ada, bob = await _person(real), await _person(real)
    for _ in range(5):
        workspace = await real.use.tenants.create(ada.id, "Engines", None)
        await real.use.inviting.accept(bob.id, await _token(real, workspace, ada, bob.email, Role.OWNER))
        outcomes = await asyncio.gather(
            real.use.members.change(ada.id, workspace.id, bob.id, None),
            real.use.members.change(bob.id, workspace.id, ada.id, None),
            return_exceptions=True,
        )
        assert len(_codes(outcomes)) == 1, outcomes
        stored = await real.engines.database.workspaces.get(workspace.id)
        assert stored is not None
        members = await real.engines.database.memberships.of_workspace(workspace.id, after=None, limit=10)
        assert [member.role for member in members] == [Role.OWNER]
        assert stored.owners == 1
