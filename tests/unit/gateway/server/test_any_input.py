"""Whatever is sent, the answer is a GraphQL response, and never a fault of ours."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.server.websocket import complaint_about
from tests.unit.gateway.server.served import Response, call, serve

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
WORDS = """{ } ( ) hello strict fail __schema __typename query mutation subscription $x fragment on Query ... :
    @include @skip if true $ ticks name "a" 1 ! [ F"""
PIECES = st.sampled_from(WORDS.split())
DOCUMENTS = st.lists(PIECES, max_size=30).map(" ".join) | st.text(max_size=60)
SERVED = serve()


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def assert_client_fault_or_answer(response: Response) -> None:
    assert response.status < 500, response.body
    content = response.json
    assert "data" in content or content["errors"]
    for error in content.get("errors", ()):
        assert isinstance(error["message"], str)
        assert error["extensions"]["code"] != "INTERNAL"


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | JSON.map(encoded))
def test_any_body(body: bytes) -> None:
    assert_client_fault_or_answer(asyncio.run(call(SERVED.app, body=body)))


@settings(max_examples=300, deadline=None)
@given(document=DOCUMENTS, variables=JSON, name=JSON)
def test_any_document(document: str, variables: Any, name: Any) -> None:
    body = encoded({"query": document, "variables": variables, "operationName": name})
    assert_client_fault_or_answer(asyncio.run(call(SERVED.app, body=body)))


@settings(max_examples=150, deadline=None)
@given(query=st.text(max_size=80), accept=st.text(max_size=40) | st.none())
def test_any_query_string_and_accept(query: str, accept: str | None) -> None:
    headers = {} if accept is None else {"accept": accept.encode("utf-8", "replace").decode("latin-1")}
    clean = query.encode("utf-8", "replace").decode("latin-1").encode("latin-1").decode("latin-1")
    response = asyncio.run(call(SERVED.app, "GET", query=clean, headers=headers))
    assert response.status < 500


@given(message=JSON)
def test_any_socket_message_is_judged(message: Any) -> None:
    complaint = complaint_about(message)
    assert complaint is None or complaint
