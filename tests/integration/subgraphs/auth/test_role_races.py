"""Changes of roles, passwords and workspaces that meet, on the real engines: nobody is left with what is no more."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable
from typing import TypeVar

from kit.errors import DomainError
from kit.idempotency import KeyUse
from proto.events import PasswordResetRequested
from proto.permissions import Permission, Role
from subgraphs.auth.domain.mail_tokens import Purpose, mail_token_id
from subgraphs.auth.domain.sessions import NOWHERE
from subgraphs.auth.service.once import OnceDatabase
from tests.integration.subgraphs.auth.conftest import Real
from tests.integration.subgraphs.auth.test_races import PASSWORD, _asked, _login, _person, _token

T = TypeVar("T")


async def _insisting(question: Awaitable[T]) -> T | str:
    """What it answers, or the code that refused it."""
    try:
        return await question
    except DomainError as error:
        return error.code


async def test_who_gets_a_role_while_it_changes_is_what_it_says_in_the_end(real: Real) -> None:
    owner = await _person(real)
    workspace = await real.use.tenants.create(owner.id, "Engines", None)
    role = await real.use.roles.create(owner.id, workspace.id, "Tester", [Permission.TASK_CREATE])
    people = [await _person(real) for _ in range(4)]
    for person in people:
        await real.use.inviting.accept(person.id, await _token(real, workspace, owner, person.email, Role.GUEST))
    await asyncio.gather(
        *(real.use.members.change(owner.id, workspace.id, person.id, role.id) for person in people),
        real.use.roles.update(owner.id, role.id, None, [Permission.COMMENT_ADD]),
    )
    stored = await real.engines.database.roles.get(role.id)
    assert stored is not None
    assert stored.members == 4
    assert stored.permissions == {Permission.COMMENT_ADD}
    for person in people:
        assert (await real.use.members.mine(person.id, workspace.id)).named == {Permission.COMMENT_ADD}


async def test_nobody_is_left_in_a_workspace_that_was_deleted_while_they_joined(real: Real) -> None:
    owner = await _person(real)
    workspace = await real.use.tenants.create(owner.id, "Engines", None)
    people = [await _person(real) for _ in range(4)]
    tokens = [await _token(real, workspace, owner, person.email) for person in people]
    await asyncio.gather(
        *(_insisting(real.use.inviting.accept(one.id, token)) for one, token in zip(people, tokens, strict=True)),
        real.use.tenants.delete(owner.id, workspace.id),
    )
    for person in [owner, *people]:
        assert await real.use.members.of_user(person.id) == []
    restored = await real.use.tenants.restore(owner.id, workspace.id)
    members, _ = await real.use.members.page(owner.id, workspace.id, first=10, after=None)
    assert restored.members == len(members)


async def test_a_role_with_many_holders_changes_for_all_of_them_at_once(real: Real) -> None:
    owner = await _person(real)
    workspace = await real.use.tenants.create(owner.id, "Engines", None)
    role = await real.use.roles.create(owner.id, workspace.id, "Tester", [])
    for _ in range(12):
        email = f"{secrets.token_hex(8)}@example.com"
        invitation = await real.use.inviting.invite(owner.id, workspace.id, email, role.id)
        (pending,) = await real.engines.database.pending().of([("invitations", invitation.id)])
        token = pending.event.data.decode().partition('"token":"')[2].partition('"')[0]
        await real.use.accounts.register(_asked(email, token), None)
    await real.use.roles.update(owner.id, role.id, None, [Permission.TASK_CREATE])
    holders = await real.engines.database.memberships.everyone(workspace.id, role_id=role.id)
    assert [holder.named for holder in holders] == [{Permission.TASK_CREATE}] * 12
    places = [("memberships", holder.id) for holder in holders]
    assert len(await real.engines.database.pending().of(places)) == 24  # joined, then changed


async def test_a_password_reset_among_logins_with_the_old_one_leaves_no_session_of_theirs(real: Real) -> None:
    user = await _person(real)
    await real.use.credentials.request_reset(user.email, NOWHERE)
    place = ("mail_tokens", mail_token_id(Purpose.PASSWORD_RESET, user.email))
    (asked,) = await real.engines.database.pending().of([place])
    token = asked.event.payload(PasswordResetRequested).token
    *grants, _ = await asyncio.gather(
        *(_insisting(_login(real, user)) for _ in range(4)),
        real.use.credentials.reset_password(token, PASSWORD + "!", NOWHERE),
        *(_insisting(_login(real, user)) for _ in range(4)),
    )
    for grant in grants:
        if not isinstance(grant, str | list):
            assert await _insisting(real.use.logins.prove(grant.access_token)) == "SESSION_ENDED"
    assert await real.use.logins.mine(user.id, first=10, after=None) == ([], False)


async def test_of_many_requests_under_one_key_one_is_done(real: Real) -> None:
    owner = await _person(real)
    use = KeyUse(owner=f"user:{owner.id}", key=secrets.token_hex(8), field="workspaceCreate", fingerprint=b"1")
    tenants = real.use.over(OnceDatabase(real.engines.database, use)).tenants
    made = await asyncio.gather(*(tenants.create(owner.id, "Engines", None) for _ in range(6)))
    assert len({workspace.id for workspace in made}) == 1
    mine, _ = await real.use.tenants.mine(owner.id, first=10, after=None)
    assert [one.workspace for one in mine] == [made[0]]
