"""What a REST client sees: resources, pages, preconditions, and problem documents for all that goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.gateway.server.served import Response, call
from tests.unit.gateway.shims.rest.notes import Notes, refusal, serve

SOMEBODY = {"authorization": "Bearer token", "content-type": "application/json"}


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def ask(
    notes: Notes, method: str, path: str, body: Any = b"", headers: Mapping[str, str] = SOMEBODY, **more: Any
) -> Response:
    return await call(serve(notes), method, f"/api/v1{path}", body=body, headers=headers, **more)


def problem(response: Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["status"] == response.status
    assert response.json["type"] == "/problems/" + response.json["code"].lower().replace("_", "-")
    return response.status, response.json["code"]


class TestResources:
    async def test_what_is_made_is_told_with_its_place(self, notes: Notes) -> None:
        made = await ask(notes, "POST", "/notes", {"text": "eggs"})
        assert (made.status, made.json) == (201, {"id": "2", "text": "eggs", "kind": "PLAIN", "version": 7})
        assert made.headers["location"] == "/api/v1/notes/2"
        assert made.headers["etag"].startswith('"v7-')

    async def test_an_etag_answers_not_modified_until_something_shown_changes(self, notes: Notes) -> None:
        first = await ask(notes, "GET", "/notes/1")
        again = {**SOMEBODY, "if-none-match": f'"other", {first.headers["etag"]}'}
        unchanged = await ask(notes, "GET", "/notes/1", headers=again)
        assert (unchanged.status, unchanged.body) == (304, b"")
        notes.texts["1"] = "oat milk"
        assert (await ask(notes, "GET", "/notes/1", headers=again)).json["text"] == "oat milk"

    async def test_a_write_may_expect_what_was_read(self, notes: Notes) -> None:
        tag = (await ask(notes, "GET", "/notes/1")).headers["etag"]
        expecting = {**SOMEBODY, "if-match": tag}
        assert (await ask(notes, "PATCH", "/notes/1", {"text": "tea"}, expecting)).json["text"] == "tea"
        notes.version = 8
        assert problem(await ask(notes, "PATCH", "/notes/1", {}, expecting)) == (412, "VERSION_CONFLICT")
        assert (await ask(notes, "PATCH", "/notes/1", {}, {**SOMEBODY, "if-match": "*"})).status == 200
        assert notes.expected == [7, 7, None]

    async def test_a_list_is_a_page_with_a_link_to_the_next(self, notes: Notes) -> None:
        page = await ask(notes, "GET", "/notes", query="first=1&done=true")
        assert [item["id"] for item in page.json["items"]] == ["1"]
        assert page.json["next"] == "c 1"
        assert page.headers["link"] == '</api/v1/notes?first=1&done=true&after=c+1>; rel="next"'
        last = await ask(notes, "GET", "/notes", query="first=1&after=c+1")
        assert last.json["next"] is None
        assert "link" not in last.headers

    async def test_a_fixed_path_is_nobodys_id_and_a_public_route_asks_for_no_token(self, notes: Notes) -> None:
        assert (await ask(notes, "GET", "/notes/first", headers={})).json["id"] == "1"

    async def test_an_idempotency_key_goes_along_with_what_tells_its_request(self, notes: Notes) -> None:
        for text in ("eggs", "eggs", "tea"):
            await ask(notes, "POST", "/notes", {"text": text}, {**SOMEBODY, "idempotency-key": "k"})
        first, again, other = (seen["taskflow-request-fingerprint"] for seen in notes.headers)
        assert first == again != other


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "/notes/9", (404, "NOT_FOUND")),
            ("GET", "/nothing", (404, "NOT_FOUND")),
            ("GET", "/notes//", (404, "NOT_FOUND")),
            ("DELETE", "/notes/1", (405, "METHOD_NOT_ALLOWED")),
        ],
    )
    async def test_what_is_not_there(self, notes: Notes, method: str, path: str, expected: tuple[int, str]) -> None:
        response = await ask(notes, method, path)
        assert problem(response) == expected
        assert response.headers.get("allow") == ("GET, PATCH" if expected[0] == 405 else None)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"{", 400),
            (b"[]", 400),
            (b"\xff", 400),
            (b"", 400),
            ({"text": None}, 400),
            ({"text": 1}, 400),
            ({"text": "x", "colour": "red"}, 400),
            ({"text": "x", "kind": "ITALIC"}, 400),
            (b'"' + b"x" * 3_000_000 + b'"', 413),
        ],
    )
    async def test_a_body_that_does_not_fit(self, notes: Notes, body: Any, status: int) -> None:
        assert problem(await ask(notes, "POST", "/notes", body))[0] == status
        assert "2" not in notes.texts

    @pytest.mark.parametrize("query", ["colour=red", "first=1&first=2", "first=x", "first=1.5", "done=1", "after=%FF"])
    async def test_a_query_that_does_not_fit(self, notes: Notes, query: str) -> None:
        assert problem(await ask(notes, "GET", "/notes", query=query)) == (400, "BAD_REQUEST")

    @pytest.mark.parametrize("body", [{"id": "2"}, {"expectedVersion": 1}])
    async def test_what_the_path_or_a_header_says_is_not_for_the_body(self, notes: Notes, body: dict[str, Any]) -> None:
        assert problem(await ask(notes, "PATCH", "/notes/1", body)) == (400, "BAD_REQUEST")

    @pytest.mark.parametrize("tag", ['"1"', "v7", '"v7-00", "v8-00"', '"v7777777777-00"'])
    async def test_a_precondition_that_was_never_given_out(self, notes: Notes, tag: str) -> None:
        refused = await ask(notes, "PATCH", "/notes/1", {}, {**SOMEBODY, "if-match": tag})
        assert problem(refused) == (400, "BAD_REQUEST")
        assert notes.expected == []

    async def test_a_form_of_another_site_is_not_read(self, notes: Notes) -> None:
        posted = await ask(notes, "POST", "/notes", b"text=x", {**SOMEBODY, "content-type": "text/plain"})
        assert problem(posted) == (415, "UNSUPPORTED_CONTENT_TYPE")

    async def test_nobody_is_told_how_to_be_somebody(self, notes: Notes) -> None:
        response = await ask(notes, "GET", "/notes/1", headers={})
        assert problem(response) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        ("code", "kind", "status"),
        [
            ("BAD_INPUT", "invalid", 400),
            ("TASK_DELETED", "precondition", 409),
            ("FORBIDDEN", "forbidden", 403),
            ("EXISTS", "exists", 409),
            ("VERSION_CONFLICT", "conflict", 409),
            ("RATE_LIMITED", "limited", 429),
            ("UNAVAILABLE", "unavailable", 503),
            ("TIMEOUT", "timeout", 504),
            ("INTERNAL", "internal", 500),
            ("WHATEVER", "unheard of", 502),
        ],
    )
    async def test_a_refusal_keeps_its_code_and_fields(self, notes: Notes, code: str, kind: str, status: int) -> None:
        notes.error = refusal(code, kind, retryAfter=3)
        response = await ask(notes, "GET", "/notes/1")
        assert problem(response) == (status, code)
        assert response.json["fields"] == {"retryAfter": 3}
        assert response.headers.get("retry-after") == ("3" if status == 429 else None)

    async def test_before_the_graph_is_loaded_everything_is_later(self, notes: Notes) -> None:
        app = serve(notes, loaded=False)
        for path in ("/notes/1", "/openapi.json"):
            assert problem(await call(app, "GET", f"/api/v1{path}", headers=SOMEBODY))[0] == 503


class TestDescription:
    async def test_people_and_machines_are_told_every_route(self, notes: Notes) -> None:
        document = (await ask(notes, "GET", "/openapi.json", headers={})).json
        assert set(document["paths"]) == {"/api/v1/notes", "/api/v1/notes/{id}", "/api/v1/notes/first"}
        page = await ask(notes, "GET", "/docs", headers={})
        assert b"/api/v1/notes/{id}" in page.body
        assert b"<script" not in page.body

    async def test_a_body_tells_what_is_needed_and_what_is_usual(self, notes: Notes) -> None:
        document = (await ask(notes, "GET", "/openapi.json", headers={})).json
        adding = document["paths"]["/api/v1/notes"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert adding["required"] == ["text"]
        assert adding["properties"]["kind"] == {"type": "string", "enum": ["BOLD", "PLAIN"], "default": "PLAIN"}
        changing = document["paths"]["/api/v1/notes/{id}"]["patch"]["requestBody"]
        assert list(changing["content"]["application/json"]["schema"]["properties"]) == ["text"]
