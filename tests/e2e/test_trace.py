"""One trace from the client's request over outbox and Kafka to the workflow, the notifications and the mail."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest

from scripts.story import documents
from scripts.story.people import Person
from scripts.story.plot import PASSWORD
from tests.testkit.conditions import eventually
from tests.testkit.otlp import Span
from tests.testkit.product import Product

EVERYONE = {"gateway", "auth", "task", "worker", "notification", "router"}


@pytest.mark.timeout(120)
async def test_a_task_is_followed_from_the_request_to_the_mail(product: Product) -> None:
    trace = secrets.token_hex(16)

    def spans() -> list[Span]:
        return [span for span in product.traces.spans if span.trace_id == trace]

    def loose() -> list[Span]:
        known = {span.span_id for span in spans()}
        return [span for span in spans() if span.parent_id not in known]

    def is_complete() -> bool:
        everyone = {span.service for span in spans()} >= EVERYONE and any(span.name == "send mail" for span in spans())
        # Processes export in batches: a parent may arrive after its children. The client's own span never does.
        return everyone and [span.service for span in loose()] == ["gateway"]

    async with httpx2.AsyncClient(timeout=20) as http:
        ada, project = await _with_project(product, http)
        due = datetime.now(UTC) + timedelta(seconds=4)
        given = {"projectId": project, "title": "Follow me", "dueAt": due.isoformat(), "assigneeIds": [ada.user_id]}
        response = await http.post(
            ada.gateway + "/graphql",
            content=json.dumps({"query": documents.TASK_CREATE, "variables": {"input": given}}),
            headers={
                "content-type": "application/json",
                "authorization": f"Bearer {ada.access}",
                "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01",
            },
        )
        assert "errors" not in response.json(), response.text
        try:
            await eventually(is_complete, within_seconds=60)
        except TimeoutError:
            names = sorted((span.service, span.name) for span in spans())
            pytest.fail(f"the trace has only {names}; without their parents are {loose()}")


async def _with_project(product: Product, http: httpx2.AsyncClient) -> tuple[Person, str]:
    ada = Person("Ada", f"ada-{uuid4().hex[:8]}@example.com", PASSWORD, product.gateways[0], http)
    await ada.do(documents.REGISTER, input={"email": ada.email, "password": PASSWORD, "displayName": "Ada"})
    login = (await ada.do(documents.LOGIN, input={"email": ada.email, "password": PASSWORD}))["login"]
    ada.access, ada.user_id = login["accessToken"], login["user"]["id"]
    made = await ada.do(documents.WORKSPACE, input={"name": "Engines"})
    given = {"workspaceId": made["workspaceCreate"]["workspace"]["id"], "name": "Engine", "key": "ENG"}
    return ada, (await ada.do(documents.PROJECT, input=given))["projectCreate"]["project"]["id"]
