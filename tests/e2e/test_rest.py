"""The REST face with two of every process: what a legacy client calls, and any input at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kit.ids import new_id
from tests.e2e.legacy import PATIENCE, clients, joined, mailed_token
from tests.testkit.product import Product
from tests.testkit.waiting import eventually_now

__all__ = ["clients"]  # a fixture

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12

pytestmark = pytest.mark.timeout(240)


def test_a_team_works_over_rest_alone(product: Product, clients: list[httpx2.Client]) -> None:
    ada = joined(clients[0], "ada")
    workspace = ada.made("/workspaces", {"name": "Rest"})["id"]
    assert [one["id"] for one in ada.ask("GET", "/workspaces").json()["items"]] == [workspace]

    email = f"bob-{new_id().hex[-10:]}@example.com"
    ada.made(f"/workspaces/{workspace}/invite", {"email": email, "role": "MEMBER"})
    bob = joined(clients[1], "bob", email=email, invitationToken=mailed_token(product, email))
    page = ada.ask("GET", f"/workspaces/{workspace}/members?first=1")
    rest = ada.http.get(page.links["next"]["url"], headers=page.request.headers)
    people = {one["user"]["displayName"]: one["user"]["id"] for one in [*page.json()["items"], *rest.json()["items"]]}
    assert set(people) == {"Ada", "Bob"}
    assert rest.json()["next"] is None

    project = ada.made("/projects", {"workspaceId": workspace, "key": "REST", "name": "Rest"})["id"]
    eventually_now(lambda: bob.ask("GET", f"/projects/{project}").status_code == 200, PATIENCE)
    due = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    made = ada.ask("POST", "/tasks", {"projectId": project, "title": "A", "assigneeIds": [people["Bob"]], "dueAt": due})
    assert made.status_code == 201, made.text
    task = made.headers["location"].removeprefix("/api/v1")
    read = bob.ask("GET", task)
    assert read.json() == made.json()
    assert bob.ask("GET", task, **{"if-none-match": read.headers["etag"]}).status_code == 304

    moved = bob.ask("PATCH", task, {"status": "In Progress"}, **{"if-match": read.headers["etag"]})
    assert (moved.status_code, moved.json()["statusCategory"]) == (200, "STARTED"), moved.text
    stale = ada.ask("PATCH", task, {"title": "B"}, **{"if-match": made.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    comment = ada.made(f"{task}/comments", {"body": "Soon?"})
    assert comment["taskId"] == made.json()["id"]

    eventually_now(lambda: bob.ask("GET", "/notifications/unread-count").json()["unreadCount"] >= 2, PATIENCE)
    inbox = bob.ask("GET", "/notifications?unreadOnly=true").json()["items"]
    marked = bob.ask("PATCH", f"/notifications/{inbox[0]['id']}/read")
    assert marked.json()["readAt"] is not None
    assert bob.ask("GET", "/notifications/unread-count").json()["unreadCount"] == len(inbox) - 1

    fresh = bob.http.post("/api/v1/auth/refresh", json={"refreshToken": bob.tokens["refreshToken"]}).json()
    bob.tokens = fresh
    assert bob.ask("POST", "/auth/logout", {}).status_code == 200
    eventually_now(lambda: bob.ask("GET", task).status_code == 401, PATIENCE)


def test_a_repeated_write_has_one_effect_and_another_body_is_refused(clients: list[httpx2.Client]) -> None:
    ada = joined(clients[0], "ada")
    workspace = ada.made("/workspaces", {"name": "Once"})["id"]
    project = ada.made("/projects", {"workspaceId": workspace, "key": "ONE", "name": "Once"})["id"]
    key = {"idempotency-key": new_id().hex}
    body = {"projectId": project, "title": "Once"}
    first, again = (ada.ask("POST", "/tasks", body, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = ada.ask("POST", "/tasks", {**body, "title": "Twice"}, **key)
    assert (other.status_code, other.json()["code"]) == (400, "IDEMPOTENCY_MISMATCH")


def test_what_belongs_to_others_is_as_unknown_as_what_never_was(clients: list[httpx2.Client]) -> None:
    ada, eve = joined(clients[0], "ada"), joined(clients[1], "eve")
    workspace = ada.made("/workspaces", {"name": "Mine"})["id"]
    project = ada.made("/projects", {"workspaceId": workspace, "key": "MINE", "name": "Mine"})["id"]
    task = ada.made("/tasks", {"projectId": project, "title": "Mine"})["id"]

    def tried(workspace: str, project: str, task: str) -> list[tuple[int, Any]]:
        answers = [
            eve.ask("GET", f"/projects/{project}"),
            eve.ask("GET", f"/tasks/{task}"),
            eve.ask("PATCH", f"/tasks/{task}", {"title": "Hers"}),
            eve.ask("POST", f"/tasks/{task}/comments", {"body": "Hers"}),
            eve.ask("POST", "/tasks", {"projectId": project, "title": "Hers"}),
            eve.ask("POST", f"/workspaces/{workspace}/invite", {"email": "x@example.com", "role": "MEMBER"}),
            eve.ask("GET", f"/workspaces/{workspace}/members"),
        ]
        return [(answer.status_code, answer.json()["detail"]) for answer in answers]

    foreign, unknown = tried(workspace, project, task), tried(*(str(new_id()) for _ in range(3)))
    assert foreign == unknown
    assert {status for status, _ in foreign} == {404}
    assert ada.ask("GET", f"/tasks/{task}").json()["title"] == "Mine"


def test_whatever_is_sent_the_answer_is_one_of_the_document(product: Product, clients: list[httpx2.Client]) -> None:
    ada = joined(clients[0], "ada")
    document = clients[0].get("/api/v1/openapi.json").json()
    tried = 0
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        # A logout may end the session that the others use.
        token = None if operation.path.endswith("/logout") else ada.tokens["accessToken"]
        conforms(operation, product.gateways[1], {"authorization": f"Bearer {token}"} if token else {})
        tried += 1
    assert tried == sum(len(methods) for methods in document["paths"].values())


def conforms(operation: Any, gateway: str, headers: dict[str, str]) -> None:
    """Sends random requests of one operation. Raises what schemathesis finds wrong with an answer."""

    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def answers_are_documented(case: Any) -> None:
        case.call_and_validate(base_url=gateway, headers=headers, checks=CHECKS)

    answers_are_documented()
