"""People of a story, who act on the auth process through its GraphQL as the gateway would pass it on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.identity import Actor
from tests.testkit.auth_process import AuthProcess

PASSWORD = "correct horse battery"
REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { user { id email } workspace { id } } }"
LOGIN = """mutation($input: LoginInput!) {
  login(input: $input) { accessToken refreshToken sessionId user { id email displayName } }
}"""
CREATE = "mutation($input: WorkspaceCreateInput!) { workspaceCreate(input: $input) { workspace { id slug } } }"
INVITE = "mutation($input: WorkspaceInviteInput!) { workspaceInvite(input: $input) { invitation { id email } } }"
LOGOUT = "mutation { logout(input: {}) { sessionIds } }"


def data(answer: dict[str, Any]) -> dict[str, Any]:
    """The data of an answer without errors."""
    assert "errors" not in answer, answer
    content: dict[str, Any] = answer["data"]
    return content


def code(answer: dict[str, Any]) -> str:
    """The code of the errors of an answer, which must be one."""
    (only,) = {error["extensions"]["code"] for error in answer["errors"]}
    return str(only)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone logged in."""

    email: str
    actor: Actor
    login: dict[str, Any]

    async def creates_workspace(self, auth: AuthProcess) -> str:
        name = f"Engines {secrets.token_hex(4)}"
        answer = await auth.graphql(CREATE, {"input": {"name": name}}, actor=self.actor)
        return str(data(answer)["workspaceCreate"]["workspace"]["id"])

    async def invites(self, auth: AuthProcess, workspace: str, email: str) -> str:
        """The id of the invitation."""
        asked = {"workspaceId": workspace, "email": email}
        answer = await auth.graphql(INVITE, {"input": asked}, actor=self.actor)
        return str(data(answer)["workspaceInvite"]["invitation"]["id"])

    async def logs_out(self, auth: AuthProcess) -> None:
        answer = await auth.graphql(LOGOUT, actor=self.actor)
        assert data(answer)["logout"]["sessionIds"] == [str(self.actor.session_id)]


async def register(auth: AuthProcess, email: str, **more: str) -> dict[str, Any]:
    asked = {"email": email, "password": PASSWORD, "displayName": "Somebody", **more}
    registered: dict[str, Any] = data(await auth.graphql(REGISTER, {"input": asked}))["register"]
    return registered


async def log_in(auth: AuthProcess, email: str) -> tuple[Actor, dict[str, Any]]:
    login = data(await auth.graphql(LOGIN, {"input": {"email": email, "password": PASSWORD}}))["login"]
    return Actor(user_id=UUID(login["user"]["id"]), session_id=UUID(login["sessionId"])), login


async def person(auth: AuthProcess) -> Person:
    """Someone new."""
    email = f"{secrets.token_hex(8)}@example.com"
    await register(auth, email)
    return Person(email, *(await log_in(auth, email)))
