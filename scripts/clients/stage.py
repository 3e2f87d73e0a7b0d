"""Two people in one workspace with one project: where benchmarks and fault runs begin."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import aiohttp

from scripts.clients.api import Account, Api

PASSWORD = "correct horse battery staple 9"  # noqa: S105 (of people who live as long as the run)
REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }"
WORKSPACE = "mutation ($input: WorkspaceCreateInput!) { workspaceCreate(input: $input) { workspace { id } } }"
INVITE = "mutation ($input: WorkspaceInviteInput!) { workspaceInvite(input: $input) { invitation { id } } }"
PROJECT = "mutation ($input: ProjectCreateInput!) { projectCreate(input: $input) { project { id } } }"
MAIL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Ada leads the project, Bob is a member who was invited by mail."""

    ada: Account
    bob: Account
    bob_id: str
    workspace: str
    project: str


async def set_stage(api: Api, mail: str) -> Stage:
    """Raises Unanswered or Refused when a step fails, TimeoutError when the invitation does not come by mail."""
    ada, bob = (Account(api, f"{name}-{uuid4().hex[:8]}@example.com", PASSWORD) for name in ("ada", "bob"))
    await _register(ada, "Ada")
    workspace = (await ada.call(WORKSPACE, {"input": {"name": "Stage"}}))["workspaceCreate"]["workspace"]["id"]
    await ada.call(INVITE, {"input": {"workspaceId": workspace, "email": bob.email}})
    bob_id = await _register(bob, "Bob", await _invitation_token(api.http, mail, bob.email))
    given = {"workspaceId": workspace, "name": "Play", "key": "PLAY"}
    project = (await ada.call(PROJECT, {"input": given}))["projectCreate"]["project"]["id"]
    return Stage(ada, bob, bob_id, workspace, project)


async def _register(account: Account, name: str, token: str | None = None) -> str:
    given = {"email": account.email, "password": PASSWORD, "displayName": name, "invitationToken": token}
    answer = await account.api.call(REGISTER, {"input": given})
    await account.renew("")
    user: str = answer["register"]["user"]["id"]
    return user


async def _invitation_token(http: aiohttp.ClientSession, mail: str, email: str) -> str:
    async with asyncio.timeout(MAIL_SECONDS):
        while True:
            async with http.get(mail + "/api/messages", params={"to": email}) as response:
                for message in await response.json():
                    _, found, rest = message["text"].partition("token=")
                    if found:
                        return str(rest.split()[0])
            await asyncio.sleep(0.1)
