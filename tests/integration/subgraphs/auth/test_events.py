"""Events leave for Kafka whatever dies: killed after the commit, killed after the send, Redis away meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import httpx2
import pytest
from redis.asyncio import Redis

from kit.kafka import Envelope
from proto.events import SessionRevoked, UserInvited, UserRegistered, WorkspaceMemberChanged
from tests.testkit.auth_process import AuthProcess, auth_process
from tests.testkit.auth_story import Person, log_in, person, register
from tests.testkit.kafka_log import read_until
from tests.testkit.proxy import link

pytestmark = pytest.mark.timeout(240)  # processes start and end here


def _about(subject: str) -> Callable[[Envelope], bool]:
    return lambda event: event.subject == subject


async def _registered(bootstrap: str, email: str, count: int = 1) -> list[Envelope]:
    def theirs(event: Envelope) -> bool:
        return event.payload(UserRegistered).user.email == email

    return await read_until(bootstrap, UserRegistered.TOPIC, theirs, count=count)


async def test_every_change_is_announced_as_the_contract_says(
    auth_engines: dict[str, str], kafka_bootstrap: str
) -> None:
    async with auth_process(auth_engines) as auth:
        ada = await person(auth)
        workspace = await ada.creates_workspace(auth)
        email = f"{secrets.token_hex(8)}@example.com"
        invitation = await ada.invites(auth, workspace, email)
        invited = (await read_until(kafka_bootstrap, UserInvited.TOPIC, _about(invitation)))[0]
        token = invited.payload(UserInvited).token
        bob = Person(email, *(await log_in_after_register(auth, email, token)))
        await bob.logs_out(auth)
    (registered,) = await _registered(kafka_bootstrap, email)
    assert registered.subject == str(bob.actor.user_id)
    assert (registered.source, registered.tenant) == ("auth", None)
    assert invited.tenant == UUID(workspace)
    assert invited.payload(UserInvited).inviter_id == ada.actor.user_id
    changes = await read_until(kafka_bootstrap, WorkspaceMemberChanged.TOPIC, _about(workspace), count=2)
    assert [
        (change.role, change.version, change.user_id)
        for change in (event.payload(WorkspaceMemberChanged) for event in changes)
    ] == [("owner", 1, ada.actor.user_id), ("member", 1, bob.actor.user_id)]
    (revoked,) = await read_until(kafka_bootstrap, SessionRevoked.TOPIC, _about(str(bob.actor.user_id)))
    assert revoked.payload(SessionRevoked).session_id == bob.actor.session_id
    assert revoked.payload(SessionRevoked).reason == "logout"


async def log_in_after_register(auth: AuthProcess, email: str, token: str) -> tuple[Any, dict[str, Any]]:
    registered = await register(auth, email, invitationToken=token)
    assert registered["workspace"] is not None
    return await log_in(auth, email)


@pytest.mark.parametrize(
    ("place", "sent"), [("outbox.after_commit", 1), ("relay.after_send", 2), ("relay.before_mark", 2)]
)
async def test_a_kill_loses_no_event_and_repeats_it_under_the_same_id(
    auth_engines: dict[str, str], kafka_bootstrap: str, place: str, sent: int
) -> None:
    email = f"{secrets.token_hex(8)}@example.com"
    async with auth_process(auth_engines, TASKFLOW_FAILPOINTS=f"{place}=exit") as auth:
        # Killed before it could answer: the client does not know, but what was committed counts.
        with suppress(httpx2.TransportError):
            await register(auth, email)
        await auth.gone()
        await auth.start(TASKFLOW_FAILPOINTS="")
        await log_in(auth, email)
        events = await _registered(kafka_bootstrap, email, sent)
        assert len(events) == sent
        assert len({event.id for event in events}) == 1


async def test_a_logout_while_redis_is_away_is_complete_once_it_is_back(
    auth_engines: dict[str, str], kafka_bootstrap: str, redis_url: str
) -> None:
    server = urlsplit(redis_url)
    async with link(server.hostname or "", server.port or 0) as wire:
        through = urlunsplit(server._replace(netloc=f"127.0.0.1:{wire.port}"))
        async with auth_process({**auth_engines, "TASKFLOW_REDIS_URL": through}) as auth:
            ada = await person(auth)
            wire.cut()
            await ada.logs_out(auth)
            async with Redis.from_url(redis_url) as direct:
                assert await direct.exists(f"session:{ada.actor.session_id}") == 1
                wire.mend()
                (revoked,) = await read_until(kafka_bootstrap, SessionRevoked.TOPIC, _about(str(ada.actor.user_id)))
                assert revoked.payload(SessionRevoked).session_id == ada.actor.session_id
                assert await direct.exists(f"session:{ada.actor.session_id}") == 0
