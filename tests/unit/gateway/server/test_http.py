"""GraphQL over HTTP: what is served, refused, and with which status and media type."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from gateway.executor.ports import Caller, SubgraphCall
from gateway.server.asgi import Gateway
from gateway.server.incoming import Parameters, fingerprint
from gateway.server.page import PREFIX, PageFiles
from gateway.server.ports import ForwardingIdentity
from kit.errors import DomainError
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER
from tests.unit.gateway.server.served import call, serve

GRAPHQL = "application/graphql-response+json"


class TestPost:
    async def test_a_query_is_answered(self) -> None:
        response = await call(serve().app, body={"query": '{ hello(name: "Ada") }'})
        assert (response.status, response.json) == (200, {"data": {"hello": "hello Ada"}})
        assert response.headers["content-type"] == "application/json; charset=utf-8"

    async def test_variables_and_operation_name_count(self) -> None:
        body = {
            "query": "query A { hello } query B($n: String) { hello(name: $n) }",
            "operationName": "B",
            "variables": {"n": "Bob"},
        }
        assert (await call(serve().app, body=body)).json == {"data": {"hello": "hello Bob"}}

    async def test_a_body_in_pieces_is_put_together(self) -> None:
        assert (await call(serve().app, body={"query": "{ hello }"}, chunks=5)).json == {"data": {"hello": "hello you"}}

    async def test_a_failed_field_is_partial_data(self) -> None:
        response = await call(serve().app, body={"query": "{ hello fail }"}, headers={"accept": GRAPHQL})
        assert response.status == 200
        assert response.json["data"] == {"hello": "hello you", "fail": None}
        (error,) = response.json["errors"]
        assert (error["path"], error["extensions"]["service"]) == (["fail"], "one")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
            ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
            ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
            ({"query": "{ hello }", "operationName": "X"}, "OPERATION_RESOLUTION_FAILURE"),
            ({"query": "query($n: Int!) { strict }", "variables": {"n": "x"}}, "GRAPHQL_VALIDATION_FAILED"),
            ({"query": "mutation($t: String!) { shout(text: $t) }", "variables": {"t": 1}}, "BAD_USER_INPUT"),
            ({"query": "subscription { ticks(to: 1) { id } }"}, "SUBSCRIPTIONS_NOT_SUPPORTED"),
        ],
    )
    async def test_a_refused_operation_has_no_data_and_a_status_by_media_type(
        self, body: dict[str, Any], code: str
    ) -> None:
        for accept, status in ((GRAPHQL, 400), ("application/json", 200)):
            response = await call(serve().app, body=body, headers={"accept": accept})
            assert response.status == status
            assert "data" not in response.json
            assert response.json["errors"][0]["extensions"]["code"] == code

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"1",
            b"{}",
            b'{"query":1}',
            b'{"query":null}',
            b'{"query":"{hello}","variables":"x"}',
            b'{"query":"{hello}","variables":[]}',
            b'{"query":"{hello}","operationName":1}',
            b'{"query":"{hello}","extensions":[]}',
            b'[{"query":"{hello}"}]',
            b'{"query":"{hello}\xff"}',
        ],
    )
    async def test_what_is_no_graphql_request_gets_400(self, body: bytes) -> None:
        response = await call(serve().app, body=body)
        assert response.status == 400
        assert response.json["errors"][0]["extensions"]["code"] == "BAD_REQUEST"

    @pytest.mark.parametrize(
        "content_type",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
            "application/json; charset=latin1",
        ],
    )
    async def test_what_a_form_of_another_site_could_send_gets_415(self, content_type: str) -> None:
        served = serve()
        response = await call(served.app, body={"query": "{ hello }"}, headers={"content-type": content_type})
        assert response.status == 415
        assert served.client.calls == []

    async def test_a_body_over_the_limit_gets_413(self) -> None:
        for chunks in (1, 4):
            response = await call(serve(view={"max_body": 10}).app, body={"query": "{ hello }"}, chunks=chunks)
            assert response.status == 413


class TestGet:
    async def test_a_query_is_answered(self) -> None:
        query = urlencode({"query": "query($n: String) { hello(name: $n) }", "variables": '{"n":"Ada"}'})
        response = await call(serve().app, "GET", query=query)
        assert (response.status, response.json) == (200, {"data": {"hello": "hello Ada"}})

    async def test_a_mutation_is_refused_and_not_run(self) -> None:
        served = serve()
        for accept in ("application/json", GRAPHQL, "text/event-stream"):
            query = urlencode({"query": 'mutation { shout(text: "x") }'})
            response = await call(served.app, "GET", query=query, headers={"accept": accept})
            assert b"MUTATION_NOT_ALLOWED_OVER_HTTP_GET" in response.body
            if accept != "text/event-stream":
                assert (response.status, response.headers["allow"]) == (405, "POST")
        assert served.client.calls == []

    @pytest.mark.parametrize(
        "query", ["", "query=", "query=%7Bhello%7D&variables=x", "query=%7Bhello%7D&variables=%5B%5D"]
    )
    async def test_bad_parameters_get_an_error(self, query: str) -> None:
        response = await call(serve().app, "GET", query=query, headers={"accept": GRAPHQL})
        assert response.status == 400

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
    async def test_other_methods_are_not_allowed(self, method: str) -> None:
        response = await call(serve().app, method)
        assert (response.status, response.headers["allow"]) == (405, "GET, POST")


class TestNegotiation:
    @pytest.mark.parametrize(
        ("accept", "chosen"),
        [
            (None, "application/json"),
            ("*/*", "application/json"),
            ("application/*", "application/json"),
            ("application/graphql-response+json", GRAPHQL),
            ("application/json;q=0.5, application/graphql-response+json", GRAPHQL),
            ("application/graphql-response+json;q=0.1, application/json", "application/json"),
            ("text/html, application/json", "application/json"),
        ],
    )
    async def test_the_best_liked_type_is_sent(self, accept: str | None, chosen: str) -> None:
        headers = {} if accept is None else {"accept": accept}
        response = await call(serve().app, body={"query": "{ hello }"}, headers=headers)
        assert response.headers["content-type"] == f"{chosen}; charset=utf-8"

    @pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0"])
    async def test_nothing_acceptable_gets_406(self, accept: str) -> None:
        response = await call(serve().app, body={"query": "{ hello }"}, headers={"accept": accept})
        assert response.status == 406


class Suspicious(ForwardingIdentity):
    """Refuses everybody."""

    async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
        raise DomainError.of("SESSION_ENDED", "The session is over.")


class TestFailures:
    @pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 401), ("application/json", 200)])
    async def test_a_caller_in_doubt_is_refused(self, accept: str, status: int) -> None:
        served = serve(identity=Suspicious())
        response = await call(served.app, body={"query": "{ hello }"}, headers={"accept": accept})
        assert response.status == status
        extensions = response.json["errors"][0]["extensions"]
        assert (extensions["code"], extensions["kind"]) == ("SESSION_ENDED", "unauthenticated")
        assert served.client.calls == []

    async def test_a_fault_of_ours_is_masked_with_a_trace_id(self) -> None:
        def broken(_: SubgraphCall, __: dict[str, Any]) -> Any:
            raise ZeroDivisionError("secret detail")

        response = await call(serve(script=broken).app, body={"query": "{ hello }"})
        assert response.status == 500
        (error,) = response.json["errors"]
        assert b"secret" not in response.body
        assert error["extensions"]["code"] == "INTERNAL"
        assert len(error["extensions"]["traceId"]) == 32

    @pytest.mark.parametrize(
        "query", ["query($n: String) { hello(name: $n) }", "mutation($n: String!) { shout(text: $n) }"]
    )
    async def test_variables_too_deep_to_be_sent_on_are_refused(self, query: str) -> None:
        served = serve()
        deep = b"[" * 300 + b"]" * 300
        body = b'{"query":' + orjson.dumps(query) + b',"variables":{"n":' + deep + b"}}"
        response = await call(served.app, body=body)
        assert response.json["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert served.client.calls == []

    async def test_a_reply_too_deep_to_be_written_is_a_masked_fault(self) -> None:
        def deep(_: SubgraphCall, __: dict[str, Any]) -> bytes:
            return b'{"data":{"hello":' + b"[" * 300 + b"]" * 300 + b"}}"

        response = await call(serve(script=deep).app, body={"query": "{ hello }"})
        assert response.status == 500
        assert response.json["errors"][0]["extensions"]["code"] == "INTERNAL"

    async def test_before_the_graph_is_loaded_the_answer_is_503(self) -> None:
        served = serve()
        await served.generations.aclose()
        response = await call(served.app, body={"query": "{ hello }"})
        assert response.status == 503
        assert response.json["errors"][0]["extensions"]["code"] == "NO_SUPERGRAPH_AVAILABLE"

    async def test_suggestions_and_introspection_can_be_switched_off(self) -> None:
        served = serve(suggestions=False, introspection=False)
        response = await call(served.app, body={"query": "{ helo }"})
        assert "mean" not in response.json["errors"][0]["message"]
        hidden = "query { ...F } fragment F on Query { x: __schema { queryType { name } } __typename }"
        response = await call(served.app, body={"query": hidden})
        assert response.json["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
        assert (await call(served.app, body={"query": "{ __typename }"})).json == {"data": {"__typename": "Query"}}


class TestOtherPaths:
    async def test_health_answers_and_unknown_paths_do_not(self) -> None:
        assert (await call(serve().app, "GET", "/health")).status == 200
        assert (await call(serve().app, "GET", "/nothing")).status == 404


class TestPage:
    async def test_a_browser_gets_the_page_and_a_client_does_not(self) -> None:
        served = serve(view={"page": True})
        response = await call(served.app, "GET", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert response.status == 200
        assert b"GraphiQL" in response.body
        linked = {"accept": "text/html,*/*;q=0.8"}
        assert b"GraphiQL" in (await call(served.app, "GET", query="query=%7Bhello%7D", headers=linked)).body
        assert (await call(served.app, body={"query": "{ hello }"}, headers={"accept": "text/html"})).status == 406

    async def test_the_page_runs_its_own_script_and_files_alone(self, tmp_path: Path) -> None:
        (tmp_path / "react.js").write_text("react")
        (tmp_path / "secret.txt").write_text("secret")
        app = Gateway(serve(view={"page": True}).app, {PREFIX: PageFiles(tmp_path)})
        response = await call(app, "GET", headers={"accept": "text/html"})
        (script,) = re.findall(rb"<script>(.*?)</script>", response.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
        assert f"script-src 'self' 'sha256-{digest}';" in response.headers["content-security-policy"]
        loaded = re.findall(rb'(?:src|href)="([^"]+)"', response.body)
        assert loaded
        assert all(source.startswith(b"/graphiql/") for source in loaded)
        assert (await call(app, "GET", "/graphiql/react.js")).body == b"react"
        for missing in ("secret.txt", "../secret.txt", "", "graphiql.js"):
            assert (await call(app, "GET", f"/graphiql/{missing}")).status == 404


class TestIntrospection:
    async def test_it_is_answered_here_beside_other_fields(self) -> None:
        served = serve()
        query = (
            "query($n: String!) { s: __schema { queryType { name } } ...F } "
            "fragment F on Query { t: __type(name: $n) { kind } }"
        )
        response = await call(served.app, body={"query": query, "variables": {"n": "Tick"}})
        assert response.json == {"data": {"s": {"queryType": {"name": "Query"}}, "t": {"kind": "OBJECT"}}}
        assert served.client.calls == []
        response = await call(served.app, body={"query": "{ hello __schema { queryType { name } } }"})
        assert response.json == {"data": {"hello": "hello you", "__schema": {"queryType": {"name": "Query"}}}}


class TestMutation:
    async def test_a_mutation_by_post_is_run(self) -> None:
        response = await call(serve().app, body={"query": 'mutation { shout(text: "x") }'})
        assert response.json == {"data": {"shout": "X"}}


class TestFingerprint:
    def test_the_order_of_variables_does_not_count_and_everything_else_does(self) -> None:
        one = Parameters("{ a }", "A", {"x": 1, "y": {"b": 2, "a": 3}})
        assert fingerprint(one) == fingerprint(Parameters("{ a }", "A", {"y": {"a": 3, "b": 2}, "x": 1}))
        others = [
            Parameters("{ b }", "A", one.variables),
            Parameters("{ a }", None, one.variables),
            Parameters("{ a }", "A"),
        ]
        assert len({fingerprint(each) for each in (one, *others)}) == 4

    async def test_a_key_is_handed_on_with_it_and_nobody_else_can_say_it(self) -> None:
        seen: list[Mapping[str, str]] = []

        class Noting(ForwardingIdentity):
            async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
                seen.append(headers)
                return await super().of_request(headers, address)

        query = 'mutation { shout(text: "hi") }'
        headers = {KEY_HEADER: "k", FINGERPRINT_HEADER: "forged"}
        await call(serve(identity=Noting(())).app, body={"query": query}, headers=headers)
        assert seen[0][FINGERPRINT_HEADER] == fingerprint(Parameters(query))
