"""SSE and multipart: one response that goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from gateway.pipeline.ports import ValueEvent
from tests.unit.gateway.server.served import Served, call, serve

QUERY = "subscription { ticks(to: 3) { id } }"


def events(body: bytes) -> list[tuple[str, Any]]:
    """The named events of an SSE body; heartbeats are left out."""
    found: list[tuple[str, Any]] = []
    for block in body.decode().split("\r\n\r\n"):
        fields = {name: value for name, _, value in (line.partition(": ") for line in block.splitlines())}
        if fields.get("event"):
            found.append((fields["event"], orjson.loads(fields["data"]) if fields.get("data") else None))
    return found


def feed(served: Served) -> None:
    for number in ("1", "2"):
        served.ticks.queue.put_nowait(ValueEvent(value={"id": number}))
    served.ticks.queue.put_nowait(None)


class TestServerSentEvents:
    @pytest.mark.parametrize("accept", ["text/event-stream", "text/event-stream;q=0.9, application/json;q=0.1"])
    async def test_each_event_is_a_next_and_the_end_a_complete(self, accept: str) -> None:
        served = serve()
        feed(served)
        response = await call(served.app, body={"query": QUERY}, headers={"accept": accept})
        assert response.status == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        ticks = [("next", {"data": {"ticks": {"id": number}}}) for number in ("1", "2")]
        assert [event for event in events(response.body) if event[0] == "next"] == ticks
        assert events(response.body)[-1][0] == "complete"

    @pytest.mark.parametrize("query", ["{ hello }", 'mutation { shout(text: "hello you") }'])
    async def test_a_query_or_mutation_gets_one_next(self, query: str) -> None:
        response = await call(serve().app, body={"query": query}, headers={"accept": "text/event-stream"})
        assert [kind for kind, _ in events(response.body)] == ["next", "complete"]

    async def test_a_refused_operation_is_told_in_the_stream(self) -> None:
        response = await call(serve().app, body={"query": "{ nothing }"}, headers={"accept": "text/event-stream"})
        (kind, content), *_ = events(response.body)
        assert kind == "next"
        assert content["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"

    async def test_bad_parameters_are_refused_before_the_stream(self) -> None:
        response = await call(serve().app, body={"query": 1}, headers={"accept": "text/event-stream"})
        assert (response.status, response.headers["content-type"]) == (400, "application/json; charset=utf-8")


class TestMultipart:
    @pytest.mark.parametrize(
        "accept",
        [
            "multipart/mixed;subscriptionSpec=1.0,application/json;q=0.9",
            'application/json;q=0.5, multipart/mixed;boundary="-";subscriptionSpec="1.0"',
        ],
    )
    async def test_each_event_is_a_part(self, accept: str) -> None:
        served = serve()
        feed(served)
        response = await call(served.app, body={"query": QUERY}, headers={"accept": accept})
        assert response.headers["content-type"].startswith("multipart/mixed")
        parts = response.body.decode().split("\r\n--graphql")[1:]
        contents = [orjson.loads(text) for part in parts if (text := part.partition("\r\n\r\n")[2])]
        payloads = [content["payload"] for content in contents if content]
        assert payloads == [{"data": {"ticks": {"id": number}}} for number in ("1", "2")]


class TestLeaving:
    async def test_a_client_that_leaves_closes_the_source(self) -> None:
        served = serve()
        request = asyncio.create_task(call(served.app, body={"query": QUERY}, headers={"accept": "text/event-stream"}))
        await served.ticks.opened.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await served.ticks.closed.wait()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "multipart/mixed"])
async def test_a_reply_that_is_passed_on_unread_comes_in_every_form(accept: str) -> None:
    served = serve(pass_replies=True)
    read, passed = [
        await call(served.app, body={"query": "{ hello numbers }"}, headers={"accept": accept}) for _ in range(2)
    ]
    assert b'{"hello":"hello you","numbers":[1]}' in passed.body
    assert passed.body == read.body
