"""The process from outside: it starts, serves GraphQL and gRPC to who has an internal token, announces, and drains."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import jwt
import pytest

from kit.errors import DomainError
from kit.identity import InternalTokens
from kit.rpc import channel
from proto.auth.v1 import auth_pb2 as wire
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub
from tests.testkit.auth_process import GATEWAY_SEED, AuthProcess, auth_process
from tests.testkit.auth_story import person

pytestmark = pytest.mark.timeout(240)  # processes start and end here


@pytest.fixture
async def auth(auth_engines: dict[str, str]) -> AsyncIterator[AuthProcess]:
    async with auth_process(auth_engines) as process:
        yield process


async def test_the_story_of_two_people(auth: AuthProcess) -> None:
    ada = await person(auth)
    workspace = await ada.creates_workspace(auth)
    tokens = InternalTokens(GATEWAY_SEED, "gateway")
    async with channel("auth", [f"127.0.0.1:{auth.grpc_port}"], tokens) as wires:
        stub = wires.stub(AuthServiceStub)
        proven = await stub.VerifySession(wire.VerifySessionRequest(token=ada.login["accessToken"]))
        assert proven.email == ada.email
        assert [(one.workspace_id, one.role) for one in proven.memberships] == [(workspace, "owner")]
        context = await stub.GetWorkspaceContext(
            wire.GetWorkspaceContextRequest(workspace_id=workspace, user_id=str(ada.actor.user_id))
        )
        assert (context.membership.role, context.membership.version) == ("owner", 1)
        profile = await stub.VerifyUser(wire.VerifyUserRequest(user_id=str(ada.actor.user_id)))
        assert (profile.email, profile.version) == (ada.email, 1)
        await ada.logs_out(auth)
        with pytest.raises(DomainError) as refused:
            await stub.VerifySession(wire.VerifySessionRequest(token=ada.login["accessToken"]))
        assert refused.value.code == "SESSION_ENDED"


async def test_the_public_keys_prove_access_tokens(auth: AuthProcess) -> None:
    login = (await person(auth)).login
    async with httpx2.AsyncClient() as http:
        keys = (await http.get(f"{auth.url}/.well-known/jwks.json")).json()
        assert (await http.post(f"{auth.url}/.well-known/jwks.json")).status_code == 405
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(login["accessToken"])["kid"]]
    claims = jwt.decode(login["accessToken"], key, algorithms=["RS256"], audience="taskflow-api", issuer="taskflow")
    assert claims["sid"] == login["sessionId"]
    assert "d" not in keys["keys"][0]


async def test_it_drains_and_ends_well(auth: AuthProcess) -> None:
    assert await auth.stop() == 0
