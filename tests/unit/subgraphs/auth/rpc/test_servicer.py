"""The gRPC face, over the wire, on fakes: proofs of sessions and facts for services, to services alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from kit.errors import DomainError
from kit.identity import InternalTokens, InternalVerifier, new_seed, public_of
from kit.rpc import channel, server
from proto.auth.v1 import auth_pb2 as wire
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub, add_AuthServiceServicer_to_server
from proto.permissions import Role
from subgraphs.auth.rpc.servicer import AuthServicer
from tests.testkit.auth_world import HOME, PASSWORD, World

if TYPE_CHECKING:
    from proto.auth.v1.auth_pb2_grpc import AuthServiceAsyncStub  # the type stubs alone know it

SEED = new_seed()


@dataclass(frozen=True, slots=True)
class Wire:
    world: World
    port: int
    stub: AuthServiceAsyncStub


@pytest.fixture
async def auth() -> AsyncIterator[Wire]:
    world = World()
    servicer = AuthServicer(world.logins, world.accounts, world.tenants)
    verifier = InternalVerifier([public_of(SEED)], "auth")
    add = partial(add_AuthServiceServicer_to_server, servicer)
    async with (
        server([add], verifier, "127.0.0.1", 0) as opened,
        channel("auth", [f"127.0.0.1:{opened.port}"], InternalTokens(SEED, "gateway")) as wires,
    ):
        yield Wire(world, opened.port, wires.stub(AuthServiceStub))


async def _refusal(auth: Wire, token: str) -> str:
    with pytest.raises(DomainError) as refused:
        await auth.stub.VerifySession(wire.VerifySessionRequest(token=token))
    return refused.value.code


async def test_a_session_is_proven_with_its_memberships(auth: Wire) -> None:
    ada = await auth.world.person("ada")
    workspace = await auth.world.tenants.create(ada.id, "Engines", None)
    grant = await auth.world.logins.login(ada.email, PASSWORD, HOME)
    proven = await auth.stub.VerifySession(wire.VerifySessionRequest(token=grant.access_token))
    assert (proven.user_id, proven.session_id) == (str(ada.id), str(grant.session.id))
    assert (proven.email, proven.display_name) == (ada.email, "Ada")
    assert proven.expires_at.seconds == int(grant.access_expires_at.timestamp())
    assert [(one.workspace_id, one.role) for one in proven.memberships] == [(str(workspace.id), "owner")]


async def test_what_is_no_live_session_is_refused_with_its_code(auth: Wire) -> None:
    ada = await auth.world.person("ada")
    grant = await auth.world.logins.login(ada.email, PASSWORD, HOME)
    assert await _refusal(auth, "") == "TOKEN_INVALID"
    assert await _refusal(auth, grant.refresh_token) == "TOKEN_INVALID"
    auth.world.live.lose_everything()
    assert await _refusal(auth, grant.access_token) == "SESSION_ENDED"


async def test_in_doubt_the_answer_is_unavailable_and_never_yes(auth: Wire) -> None:
    ada = await auth.world.person("ada")
    grant = await auth.world.logins.login(ada.email, PASSWORD, HOME)
    auth.world.live.reachable = False
    assert await _refusal(auth, grant.access_token) == "UNAVAILABLE"


async def test_a_profile_and_no_profile(auth: Wire) -> None:
    ada = await auth.world.person("ada")
    profile = await auth.stub.VerifyUser(wire.VerifyUserRequest(user_id=str(ada.id)))
    assert (profile.email, profile.display_name, profile.avatar_url) == (ada.email, "Ada", "")
    assert (profile.locale, profile.time_zone, profile.version) == ("en", "UTC", 1)
    for text in (str(uuid4()), "nonsense", ""):
        with pytest.raises(DomainError) as refused:
            await auth.stub.VerifyUser(wire.VerifyUserRequest(user_id=text))
        assert refused.value.code == "NOT_FOUND"


async def test_a_workspace_with_and_without_a_membership(auth: Wire) -> None:
    ada = await auth.world.person("ada")
    workspace = await auth.world.tenants.create(ada.id, "Engines", None)
    bob = await auth.world.member(workspace, ada, "bob", Role.GUEST)
    await auth.world.members.change(ada.id, workspace.id, bob.id, None)
    ask = auth.stub.GetWorkspaceContext
    named = wire.GetWorkspaceContextRequest
    plain = await ask(named(workspace_id=str(workspace.id)))
    assert plain.name == "Engines"
    assert not plain.HasField("membership")
    owner = (await ask(named(workspace_id=str(workspace.id), user_id=str(ada.id)))).membership
    assert (owner.role, owner.version) == ("owner", 1)
    former = (await ask(named(workspace_id=str(workspace.id), user_id=str(bob.id)))).membership
    assert (former.role, former.version) == ("", 2)
    stranger = (await ask(named(workspace_id=str(workspace.id), user_id=str(uuid4())))).membership
    assert (stranger.role, stranger.version) == ("", 0)
    for request in (
        named(workspace_id=str(uuid4())),
        named(workspace_id="x"),
        named(workspace_id=str(workspace.id), user_id="x"),
    ):
        with pytest.raises(DomainError) as refused:
            await ask(request)
        assert refused.value.code == "NOT_FOUND"


async def test_callers_without_a_trusted_token_are_refused(auth: Wire) -> None:
    strangers = InternalTokens(new_seed(), "gateway")
    async with channel("auth", [f"127.0.0.1:{auth.port}"], strangers) as wires:
        with pytest.raises(DomainError) as refused:
            await wires.stub(AuthServiceStub).VerifyUser(wire.VerifyUserRequest(user_id=str(uuid4())))
    assert refused.value.code == "GATEWAY_REQUIRED"
