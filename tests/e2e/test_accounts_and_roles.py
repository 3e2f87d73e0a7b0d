"""Accounts and custom roles through both gateways, over every process that takes part in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from scripts.story import documents
from scripts.story.people import Person
from scripts.story.plot import PASSWORD
from tests.e2e.test_bad_input import invitation_token, sign_up
from tests.testkit.product import Product

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

ROLE = "mutation ($input: WorkspaceRoleCreateInput!) { workspaceRoleCreate(input: $input) { role { id } } }"
ROLE_UPDATE = "mutation ($input: WorkspaceRoleUpdateInput!) { workspaceRoleUpdate(input: $input) { role { id } } }"
DELETE = "mutation ($input: WorkspaceDeleteInput!) { workspaceDelete(input: $input) { workspaceId } }"
RESTORE = "mutation ($input: WorkspaceRestoreInput!) { workspaceRestore(input: $input) { workspace { id } } }"
LOG = "query ($id: ID!) { workspace(id: $id) { auditLog { nodes { action actor { displayName } } } } }"
ASK = "mutation ($input: PasswordResetRequestInput!) { passwordResetRequest(input: $input) { accepted } }"
RESET = "mutation ($input: PasswordResetInput!) { passwordReset(input: $input) { sessionIds } }"
VERIFY = "mutation ($input: EmailVerifyInput!) { emailVerify(input: $input) { userId } }"
SESSIONS = "{ sessions { nodes { id agent current } } me { emailVerified } }"
PROJECT = "query ($id: ID!) { project(id: $id) { id } }"


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, headers={"user-agent": "Story/1.0"}) as client:
        yield client


async def _mailed_token(product: Product, http: httpx2.AsyncClient, email: str, subject: str) -> str:
    """The token in the newest mail of this subject."""
    async with asyncio.timeout(30):
        while True:
            found = (await http.get(product.mail + "/api/messages", params={"to": email})).json()
            for message in reversed([one for one in found if one["subject"].startswith(subject)]):
                return str(message["text"].partition("token=")[2].split()[0])
            await asyncio.sleep(0.05)


async def _until_refused(who: Person, document: str, expected: str, **variables: Any) -> None:
    """Waits until everybody has heard of a change that takes something away."""
    async with asyncio.timeout(20):
        while True:
            errors = (await who.answer(document, variables)).get("errors")
            if errors and errors[0]["extensions"]["code"] == expected:
                return
            await asyncio.sleep(0.05)


async def test_a_custom_role_is_what_it_says_in_every_service_and_changes_at_once(
    product: Product, http: httpx2.AsyncClient
) -> None:
    ada = await sign_up(product, http, "ada")
    workspace = (await ada.do(documents.WORKSPACE, input={"name": "Engines"}))["workspaceCreate"]["workspace"]["id"]
    given = {"workspaceId": workspace, "name": "Engine", "key": "ENG"}
    project = (await ada.do(documents.PROJECT, input=given))["projectCreate"]["project"]["id"]
    asked = {"workspaceId": workspace, "name": "Writer", "permissions": ["task.create"]}
    role = (await ada.do(ROLE, input=asked))["workspaceRoleCreate"]["role"]["id"]
    email = f"bob-{uuid4().hex[:8]}@example.com"
    await ada.do(documents.INVITE, input={"workspaceId": workspace, "email": email, "roleId": role})
    bob = await sign_up(product, http, "bob", email, await invitation_token(product, http, email))
    made = await bob.do(documents.TASK_CREATE, input={"projectId": project, "title": "Build the mill"})
    comment = {"taskId": made["taskCreate"]["task"]["id"], "body": "Well done"}
    assert (await bob.refused(documents.COMMENT, input=comment))["extensions"]["code"] == "FORBIDDEN"
    await ada.do(ROLE_UPDATE, input={"roleId": role, "permissions": ["comment.add"]})
    other = replace(bob, gateway=product.gateways[1])
    await _until_refused(other, documents.TASK_CREATE, "FORBIDDEN", input={"projectId": project, "title": "Another"})
    assert (await other.do(documents.COMMENT, input=comment))["commentAdd"]["comment"]["body"] == "Well done"
    log = (await ada.do(LOG, id=workspace))["workspace"]["auditLog"]["nodes"]
    assert [entry["action"] for entry in log] == [
        "role.updated",
        "member.joined",
        "invitation.sent",
        "role.created",
        "workspace.created",
    ]
    await ada.do(DELETE, input={"workspaceId": workspace})
    await _until_refused(bob, PROJECT, "NOT_FOUND", id=project)
    await ada.do(RESTORE, input={"workspaceId": workspace})
    await _until_refused(bob, documents.TASK_CREATE, "FORBIDDEN", input={"projectId": project, "title": "Another"})
    assert await bob.do(PROJECT, id=project) == {"project": {"id": project}}


async def test_mails_prove_an_address_and_replace_a_forgotten_password(
    product: Product, http: httpx2.AsyncClient
) -> None:
    eve = await sign_up(product, http, "eve")
    seen = await eve.do(SESSIONS)
    assert seen["me"]["emailVerified"] is False
    assert [(one["agent"], one["current"]) for one in seen["sessions"]["nodes"]] == [("Story/1.0", True)]
    nobody = replace(eve, access="")
    await nobody.do(VERIFY, input={"token": await _mailed_token(product, http, eve.email, "Confirm")})
    assert (await eve.do(SESSIONS))["me"]["emailVerified"] is True
    await nobody.do(ASK, input={"email": eve.email})
    reset = {"token": await _mailed_token(product, http, eve.email, "Choose"), "newPassword": PASSWORD + " new"}
    ended = (await nobody.do(RESET, input=reset))["passwordReset"]["sessionIds"]
    assert ended == [one["id"] for one in seen["sessions"]["nodes"]]
    await _until_refused(eve, documents.ME, "SESSION_ENDED")
    refused = await nobody.refused(documents.LOGIN, input={"email": eve.email, "password": PASSWORD})
    assert refused["extensions"]["code"] == "CREDENTIALS_INVALID"
    assert await nobody.do(documents.LOGIN, input={"email": eve.email, "password": PASSWORD + " new"})


async def test_a_key_covers_a_mutation_of_auth_through_either_gateway(
    product: Product, http: httpx2.AsyncClient
) -> None:
    ada = await sign_up(product, http, "ada")
    key, answers = uuid4().hex, []
    for gateway, name in zip((*product.gateways, product.gateways[0]), ("Looms", "Looms", "Mills"), strict=True):
        body = json.dumps({"query": documents.WORKSPACE, "variables": {"input": {"name": name}}})
        headers = {"authorization": f"Bearer {ada.access}", "idempotency-key": key, "content-type": "application/json"}
        answers.append((await http.post(gateway + "/graphql", content=body, headers=headers)).json())
    assert answers[0] == answers[1]
    assert "errors" not in answers[0]
    assert answers[2]["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_MISMATCH"
