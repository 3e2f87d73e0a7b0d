"""The process from outside: it starts, serves GraphQL and gRPC to who has an internal token, announces, and drains."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest

from kit.errors import DomainError
from kit.identity import Actor, InternalTokens
from kit.rpc import channel
from proto.auth.v1 import auth_pb2 as wire
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub
from tests.testkit.auth_process import GATEWAY_SEED, AuthProcess, auth_process

REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { user { id email } workspace { id } } }"
LOGIN = (
    "mutation($input: LoginInput!) { login(input: $input) "
    "{ accessToken refreshToken sessionId user { id email displayName } } }"
)
CREATE = "mutation($input: WorkspaceCreateInput!) { workspaceCreate(input: $input) { workspace { id slug } } }"
PASSWORD = "correct horse battery"


@pytest.fixture
async def auth(auth_engines: dict[str, str]) -> AsyncIterator[AuthProcess]:
    async with auth_process(auth_engines) as process:
        yield process


def _email() -> str:
    return f"{secrets.token_hex(8)}@example.com"


async def _registered(auth: AuthProcess, email: str, **more: str) -> dict[str, Any]:
    asked = {"email": email, "password": PASSWORD, "displayName": "Somebody", **more}
    answer = await auth.graphql(REGISTER, {"input": asked})
    assert "errors" not in answer, answer
    registered: dict[str, Any] = answer["data"]["register"]
    return registered


async def _logged_in(auth: AuthProcess, email: str) -> tuple[Actor, dict[str, Any]]:
    answer = await auth.graphql(LOGIN, {"input": {"email": email, "password": PASSWORD}})
    assert "errors" not in answer, answer
    login: dict[str, Any] = answer["data"]["login"]
    return Actor(user_id=UUID(login["user"]["id"]), session_id=UUID(login["sessionId"])), login


async def test_the_story_of_two_people(auth: AuthProcess) -> None:
    ada_email = _email()
    await _registered(auth, ada_email)
    ada, login = await _logged_in(auth, ada_email)
    created = await auth.graphql(CREATE, {"input": {"name": "Engines " + ada_email}}, actor=ada)
    workspace = created["data"]["workspaceCreate"]["workspace"]["id"]
    tokens = InternalTokens(GATEWAY_SEED, "gateway")
    async with channel("auth", [f"127.0.0.1:{auth.grpc_port}"], tokens) as wires:
        stub = wires.stub(AuthServiceStub)
        proven = await stub.VerifySession(wire.VerifySessionRequest(token=login["accessToken"]))
        assert proven.email == ada_email
        assert [(one.workspace_id, one.role) for one in proven.memberships] == [(workspace, "owner")]
        context = await stub.GetWorkspaceContext(
            wire.GetWorkspaceContextRequest(workspace_id=workspace, user_id=str(ada.user_id))
        )
        assert (context.membership.role, context.membership.version) == ("owner", 1)
        profile = await stub.VerifyUser(wire.VerifyUserRequest(user_id=str(ada.user_id)))
        assert (profile.email, profile.version) == (ada_email, 1)
        ended = await auth.graphql("mutation { logout(input: {}) { sessionIds } }", actor=ada)
        assert ended["data"]["logout"]["sessionIds"] == [str(ada.session_id)]
        with pytest.raises(DomainError) as refused:
            await stub.VerifySession(wire.VerifySessionRequest(token=login["accessToken"]))
        assert refused.value.code == "SESSION_ENDED"


async def test_the_public_keys_prove_access_tokens(auth: AuthProcess) -> None:
    email = _email()
    await _registered(auth, email)
    _, login = await _logged_in(auth, email)
    async with httpx2.AsyncClient() as http:
        keys = (await http.get(f"{auth.url}/.well-known/jwks.json")).json()
        assert (await http.post(f"{auth.url}/.well-known/jwks.json")).status_code == 405
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(login["accessToken"])["kid"]]
    claims = jwt.decode(login["accessToken"], key, algorithms=["RS256"], audience="taskflow-api", issuer="taskflow")
    assert claims["sid"] == login["sessionId"]
    assert "d" not in keys["keys"][0]


async def test_it_drains_and_ends_well(auth: AuthProcess) -> None:
    assert await auth.stop() == 0
