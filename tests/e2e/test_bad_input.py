"""Bad input through the gateway: a typed error, and nothing has changed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import jwt
import pytest
import pytest_asyncio
import websockets
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kit.identity import HEADER, Actor, InternalTokens
from scripts.story import documents
from scripts.story.people import Person, connected
from scripts.story.plot import PASSWORD
from tests.testkit.product import Product

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

TASK = "query ($id: ID!) { task(id: $id) { id } }"
PROJECT = "query ($id: ID!) { project(id: $id) { id } }"
WORKSPACE = "query ($id: ID!) { workspace(id: $id) { id } }"
NOTIFICATION = "query ($id: ID!) { notification(id: $id) { id } }"
MARK = "mutation ($input: NotificationMarkReadInput!) { notificationMarkRead(input: $input) { unreadCount } }"
DELETE = "mutation ($input: TaskDeleteInput!) { taskDelete(input: $input) { task { id } } }"
PROJECT_UPDATE = "mutation ($input: ProjectUpdateInput!) { projectUpdate(input: $input) { project { id } } }"
REMOVE = "mutation ($input: WorkspaceMemberRemoveInput!) { workspaceMemberRemove(input: $input) { userId } }"
EVERYTHING = """query ($workspace: ID!, $project: ID!) {
  me { unreadCount notifications { nodes { id readAt version } } }
  workspace(id: $workspace) { name members { nodes { user { id } role } } projects { nodes { id version } } }
  project(id: $project) { version tasks { nodes { id version title status comments { nodes { id } } } } }
}"""


@dataclass(frozen=True, slots=True)
class World:
    """Ada with a workspace, a project and a task that notified her; Eve with nothing of it."""

    product: Product
    http: httpx2.AsyncClient
    ada: Person
    eve: Person
    workspace: str
    project: str
    task: str
    notification: str

    async def everything(self) -> dict[str, Any]:
        """All that Ada has."""
        return await self.ada.do(EVERYTHING, workspace=self.workspace, project=self.project)

    async def post(self, content: bytes, token: str = "", **headers: str) -> httpx2.Response:
        given = {"content-type": "application/json", **headers}
        if token:
            given["authorization"] = f"Bearer {token}"
        return await self.http.post(self.ada.gateway + "/graphql", content=content, headers=given)

    async def code_for(self, token: str) -> str:
        """The code with which a token is refused."""
        response = await self.post(json.dumps({"query": documents.ME}).encode(), token)
        content = response.json()
        assert content.get("errors"), content
        return str(content["errors"][0]["extensions"]["code"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(product: Product) -> AsyncIterator[World]:
    async with httpx2.AsyncClient(timeout=20) as http:
        ada, eve = await sign_up(product, http, "ada"), await sign_up(product, http, "eve")
        made = await ada.do(documents.WORKSPACE, input={"name": "Engines"})
        workspace = made["workspaceCreate"]["workspace"]["id"]
        given = {"workspaceId": workspace, "name": "Engine", "key": "ENG"}
        project = (await ada.do(documents.PROJECT, input=given))["projectCreate"]["project"]["id"]
        bob_address = f"bob-{uuid4().hex[:8]}@example.com"
        await ada.do(documents.INVITE, input={"workspaceId": workspace, "email": bob_address})
        bob = await sign_up(product, http, "bob", bob_address, await invitation_token(product, http, bob_address))
        given = {"projectId": project, "title": "Build the mill", "assigneeIds": [ada.user_id]}
        task = (await bob.do(documents.TASK_CREATE, input=given))["taskCreate"]["task"]["id"]
        yield World(product, http, ada, eve, workspace, project, task, await first_notification(ada))


async def sign_up(product: Product, http: httpx2.AsyncClient, name: str, email: str = "", token: str = "") -> Person:
    email = email or f"{name}-{uuid4().hex[:8]}@example.com"
    who = Person(name, email, PASSWORD, product.gateways[0], http)
    given = {"email": email, "password": PASSWORD, "displayName": name, "invitationToken": token or None}
    await who.do(documents.REGISTER, input=given)
    login = (await who.do(documents.LOGIN, input={"email": email, "password": PASSWORD}))["login"]
    who.access, who.refresh, who.user_id = login["accessToken"], login["refreshToken"], login["user"]["id"]
    return who


async def invitation_token(product: Product, http: httpx2.AsyncClient, email: str) -> str:
    async with asyncio.timeout(20):
        while True:
            found = (await http.get(product.mail + "/api/messages", params={"to": email})).json()
            if found:
                return str(found[0]["text"].partition("token=")[2].split()[0])
            await asyncio.sleep(0.05)


async def first_notification(who: Person) -> str:
    async with asyncio.timeout(20):
        while True:
            nodes = (await who.do(documents.INBOX))["me"]["notifications"]["nodes"]
            if nodes:
                return str(nodes[0]["id"])
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_changes(world: World) -> AsyncIterator[None]:
    """Whatever a test here does, what Ada has stays as it was."""
    before = await world.everything()
    yield
    assert await world.everything() == before


class TestDocuments:
    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"{", 400, "BAD_REQUEST"),
            (b"[]", 400, "BAD_REQUEST"),
            (b'{"query": 1}', 400, "BAD_REQUEST"),
            (b'{"query": "{ me { id "}', 200, "GRAPHQL_PARSE_FAILED"),
            (b'{"query": "{ nothing }"}', 200, "GRAPHQL_VALIDATION_FAILED"),
            (b'{"query": "{ me }"}', 200, "GRAPHQL_VALIDATION_FAILED"),
            (b'{"query": "{ _entities(representations: []) { __typename } }"}', 200, "GRAPHQL_VALIDATION_FAILED"),
            (b'{"query": "{ _service { sdl } }"}', 200, "GRAPHQL_VALIDATION_FAILED"),
            (b'{"query": "{ task(id: {}) { id } }"}', 200, "GRAPHQL_VALIDATION_FAILED"),
        ],
    )
    async def test_what_is_no_operation_is_refused(self, world: World, content: bytes, status: int, code: str) -> None:
        response = await world.post(content, world.ada.access)
        assert response.status_code == status, response.text
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": 5},
            {"title": None},
            {"assigneeIds": "all"},
            {"dueAt": "tomorrow"},
            {"priority": "HIGHEST"},
            {"secret": True},
        ],
    )
    async def test_variables_of_another_type_are_refused(self, world: World, wrong: dict[str, Any]) -> None:
        given = {"projectId": world.project, "title": "A title"} | wrong
        error = await world.ada.refused(documents.TASK_CREATE, input=given)
        assert error["extensions"]["code"] in {"BAD_INPUT", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}, error

    async def test_other_content_types_and_methods_are_refused(self, world: World) -> None:
        body = json.dumps({"query": documents.LOGOUT}).encode()
        response = await world.post(body, world.ada.access, **{"content-type": "text/plain"})
        assert response.status_code == 415
        url = world.ada.gateway + "/graphql"
        response = await world.http.get(
            url, params={"query": documents.LOGOUT}, headers={"authorization": f"Bearer {world.ada.access}"}
        )
        assert response.status_code == 405


class TestValues:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"title": ""}, "BAD_INPUT"),
            ({"title": "x" * 501}, "BAD_INPUT"),
            ({"title": "two\nlines"}, "BAD_INPUT"),
            ({"title": "x" * 1_000_000}, "BAD_INPUT"),
            ({"description": "x" * 1_000_000}, "BAD_INPUT"),
            ({"dueAt": "2001-01-01T00:00:00Z"}, "DUE_DATE_IN_PAST"),
            ({"dueAt": "2031-01-01T00:00:00"}, "BAD_INPUT"),
            ({"status": "Nowhere"}, "BAD_INPUT"),
            ({"assigneeIds": [str(UUID(int=7))]}, "NOT_A_MEMBER"),
            ({"projectId": str(UUID(int=7))}, "NOT_FOUND"),
            ({"projectId": "no id"}, "BAD_INPUT"),
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_of_a_task_are_refused(self, world: World, changes: dict[str, Any], code: str) -> None:
        given = {"projectId": world.project, "title": "A title"} | changes
        error = await world.ada.refused(documents.TASK_CREATE, input=given)
        assert error["extensions"]["code"] == code, error

    async def test_that_are_larger_than_any_request_may_be_are_refused(self, world: World) -> None:
        response = await world.post(b'{"query": "' + b" " * 3_000_000 + b'"}', world.ada.access)
        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"

    async def test_stale_versions_are_refused_with_both_values(self, world: World) -> None:
        given = {"id": world.task, "title": "Other", "expectedVersion": 77}
        error = await world.ada.refused(documents.TASK_UPDATE, input=given)
        assert error["extensions"]["code"] == "VERSION_CONFLICT"


class TestOtherTenants:
    """Ids of another tenant and ids of nothing get the same answer."""

    @pytest.mark.parametrize(
        ("document", "which"),
        [(TASK, "task"), (PROJECT, "project"), (WORKSPACE, "workspace"), (NOTIFICATION, "notification")],
    )
    async def test_queries_see_nothing(self, world: World, document: str, which: str) -> None:
        foreign = await world.eve.answer(document, {"id": getattr(world, which)})
        unknown = await world.eve.answer(document, {"id": str(uuid4())})
        assert without_trace(foreign) == without_trace(unknown)
        assert all(value is None for value in (foreign["data"] or {}).values())

    @pytest.mark.parametrize(
        ("document", "given"),
        [
            (documents.TASK_CREATE, lambda w: {"projectId": w.project, "title": "Mine"}),
            (documents.TASK_UPDATE, lambda w: {"id": w.task, "title": "Mine"}),
            (DELETE, lambda w: {"id": w.task}),
            (documents.COMMENT, lambda w: {"taskId": w.task, "body": "Mine"}),
            (documents.PROJECT, lambda w: {"workspaceId": w.workspace, "name": "Mine", "key": "EVE"}),
            (PROJECT_UPDATE, lambda w: {"id": w.project, "name": "Mine"}),
            (documents.INVITE, lambda w: {"workspaceId": w.workspace, "email": w.eve.email}),
            (REMOVE, lambda w: {"workspaceId": w.workspace, "userId": w.ada.user_id}),
            (MARK, lambda w: {"id": w.notification}),
        ],
    )
    async def test_mutations_change_nothing(
        self, world: World, document: str, given: Callable[[World], dict[str, Any]]
    ) -> None:
        foreign = await world.eve.refused(document, input=given(world))
        assert foreign["extensions"]["code"] == "NOT_FOUND", foreign
        ids = [str(uuid4()) for _ in range(4)]
        nowhere = replace(world, workspace=ids[0], project=ids[1], task=ids[2], notification=ids[3])
        unknown = await world.eve.refused(document, input=given(nowhere))
        assert without_trace(foreign) == without_trace(unknown)

    @pytest.mark.parametrize(
        ("document", "variables"),
        [
            (documents.TASKS, lambda w: {"project": w.project}),
            (documents.COMMENTS, lambda w: {"task": w.task}),
        ],
    )
    async def test_subscriptions_are_refused(
        self, world: World, document: str, variables: Callable[[World], dict[str, Any]]
    ) -> None:
        async with connected(world.eve) as socket:
            stream = socket.subscribe("Eve's stream", document, **variables(world))
            async with asyncio.timeout(10):
                await stream.over.wait()
        assert stream.events == []
        assert "NOT_FOUND" in (stream.ended or "") or "FORBIDDEN" in (stream.ended or ""), stream.ended

    @pytest.mark.parametrize(
        ("service", "name", "which", "shown"),
        [
            ("task", "Task", "task", "title"),
            ("task", "Project", "project", "name"),
            ("auth", "Workspace", "workspace", "name"),
            ("notification", "Notification", "notification", "title"),
        ],
    )
    async def test_entities_stay_hidden_even_behind_the_gateway(
        self, world: World, service: str, name: str, which: str, shown: str
    ) -> None:
        query = f"query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {name} {{ {shown} }} }} }}"
        of = [{"__typename": name, "id": getattr(world, which)}]
        token = credential(world, UUID(world.eve.user_id), service)
        response = await world.http.post(
            world.product.stack.url(f"{service}-1", "/graphql"),
            json={"query": query, "variables": {"of": of}},
            headers={HEADER: token},
        )
        assert (response.json().get("data") or {}).get("_entities") in ([None], None), response.text


class TestCredentials:
    async def test_none_is_nobody(self, world: World) -> None:
        nobody = replace(world.ada, access="")
        error = await nobody.refused(documents.TASK_CREATE, input={"projectId": world.project, "title": "A title"})
        assert error["extensions"]["kind"] == "unauthenticated"

    async def test_forged_and_altered_tokens_are_refused(self, world: World) -> None:
        head, body, signature = world.ada.access.split(".")
        claims = jwt.decode(world.ada.access, options={"verify_signature": False})
        header = jwt.get_unverified_header(world.ada.access)
        other = generate_private_key(public_exponent=65537, key_size=2048)
        altered = base64.urlsafe_b64encode(json.dumps(claims | {"sub": world.eve.user_id}).encode()).rstrip(b"=")
        nothing = base64.urlsafe_b64encode(json.dumps(header | {"alg": "none"}).encode()).rstrip(b"=").decode()
        for forged in (
            jwt.encode(claims, other, algorithm="RS256", headers=header),
            f"{head}.{altered.decode()}.{signature}",
            f"{nothing}.{body}.",
            f"{head}.{body}.",
            "not a token",
            world.ada.refresh,
        ):
            assert await world.code_for(forged) == "TOKEN_INVALID"

    async def test_tokens_of_another_kind_are_refused(self, world: World) -> None:
        claims = jwt.decode(world.ada.access, options={"verify_signature": False})
        for changes in ({"aud": "another"}, {"iss": "another"}, {"sid": str(uuid4())}):
            code = await world.code_for(signed(world, claims | changes))
            assert code in {"TOKEN_INVALID", "SESSION_ENDED"}, changes
        internal = credential(world, UUID(world.ada.user_id), "auth")
        assert await world.code_for(internal) == "TOKEN_INVALID"

    async def test_an_expired_token_says_so(self, world: World) -> None:
        claims = jwt.decode(world.ada.access, options={"verify_signature": False})
        past = datetime.now(UTC) - timedelta(hours=1)
        expired = signed(world, claims | {"iat": past, "nbf": past, "exp": past + timedelta(minutes=10)})
        assert await world.code_for(expired) == "TOKEN_EXPIRED"

    async def test_a_socket_with_a_bad_token_is_not_opened(self, world: World) -> None:
        url = world.ada.gateway.replace("http", "ws", 1) + "/graphql"
        init = {"type": "connection_init", "payload": {"authorization": "Bearer forged"}}
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(json.dumps(init))
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4403

    @pytest.mark.parametrize("service", ["auth", "task", "notification"])
    async def test_a_subgraph_serves_the_gateway_alone(self, world: World, service: str) -> None:
        url = world.product.stack.url(f"{service}-1", "/graphql")
        for_another = credential(world, UUID(world.ada.user_id), "auth" if service != "auth" else "task")
        for headers in (
            {},
            {"authorization": f"Bearer {world.ada.access}"},
            {HEADER: world.ada.access},
            {HEADER: "forged"},
            {HEADER: for_another},
        ):
            response = await world.http.post(url, json={"query": "{ __typename }"}, headers=headers)
            assert response.status_code == 401
            assert response.json()["errors"][0]["extensions"]["code"] == "GATEWAY_REQUIRED"

    async def test_headers_of_a_client_never_reach_a_subgraph(self, world: World) -> None:
        eve = credential(world, UUID(world.eve.user_id), "auth")
        body = json.dumps({"query": documents.ME}).encode()
        response = await world.post(body, world.ada.access, **{HEADER: eve})
        assert response.json()["data"]["me"]["id"] == world.ada.user_id


def signed(world: World, claims: dict[str, Any]) -> str:
    """A token as auth itself would sign it."""
    pem = json.loads((world.product.stack.folder / "keys.json").read_text())["access"]
    key = serialization.load_pem_private_key(pem.encode(), None)
    header = jwt.get_unverified_header(world.ada.access)
    return jwt.encode(claims, key, algorithm="RS256", headers=header)  # type: ignore[arg-type]  # it is an RSA key


def credential(world: World, user_id: UUID, audience: str) -> str:
    """The internal token that the gateway would mint for a user."""
    seed = json.loads((world.product.stack.folder / "keys.json").read_text())["seeds"]["gateway"]
    return InternalTokens(seed, "gateway").mint(Actor(user_id=user_id, session_id=uuid4()), audience)


def without_trace(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer or an error without what differs between any two."""
    plain: dict[str, Any] = json.loads(json.dumps(answer))
    for error in plain.get("errors", [plain]):
        error.get("extensions", {}).pop("traceId", None)
    return plain
