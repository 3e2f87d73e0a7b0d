"""Answers in parts as clients get them: bytes on a real socket, one chunk for each part, and who gets them whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect

from gateway.executor.ports import SubgraphCall, SubgraphReply
from gateway.pipeline.engine import Engine, EngineOptions
from gateway.pipeline.generations import Generations
from gateway.pipeline.subscribe import SubscriptionGraph
from gateway.server.asgi import Gateway
from gateway.server.negotiation import takes_parts
from gateway.server.operations import Operations
from gateway.server.ports import ForwardingIdentity
from gateway.server.view import GatewayView, ViewOptions
from kit.health import Health
from kit.serving import HttpOptions, HttpServer
from tests.testkit.composed import planner_on
from tests.unit.gateway.server.served import Ticks, call

PLANNER = planner_on(
    {
        "users": """
            type Query { me: User }
            type Subscription { renamed: User }
            type User @key(fields: "id") { id: ID! name: String }
        """,
        "ratings": 'type User @key(fields: "id") { id: ID! rating: Int stars: Int }',
    }
)
APOLLO = "multipart/mixed;deferSpec=20220824,application/json"
QUERY = '{ me { name ... @defer(label: "late") { rating } } }'
FIRST = {"data": {"me": {"name": "Ada"}}, "hasNext": True}
LATE = {"incremental": [{"path": ["me"], "data": {"rating": 5}, "label": "late"}], "hasNext": False}
WHOLE = {"data": {"me": {"name": "Ada", "rating": 5}}}


@dataclass
class Subgraphs:
    """`users` answers at once, `ratings` when `released`; `given_up` is set when a call to it was."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    reply: bytes = b'{"data":{"_entities":[{"rating":5}]}}'

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        return asyncio.ensure_future(self._answer(call))

    async def _answer(self, call: SubgraphCall) -> SubgraphReply:
        if call.service == "users":
            return SubgraphReply(200, b'{"data":{"me":{"id":"1","name":"Ada"}}}')
        self.asked.set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        return SubgraphReply(200, self.reply)


def gateway_on(subgraphs: Subgraphs, ticks: Any = None) -> Gateway:
    source: Any = ticks or Ticks()
    schema = PLANNER.supergraph.api_schema
    engine = Engine(
        schema,
        PLANNER.plan,
        subgraphs,
        options=EngineOptions(seconds=30),
        subscriptions=SubscriptionGraph(schema=schema, keys=lambda *_: [("id",)], directives={}, source=source),
    )
    generations = Generations()

    async def close() -> None:
        pass

    generations.swap(engine, close)
    return Gateway(GatewayView(Operations(generations), ForwardingIdentity(), ViewOptions()))


def free(**more: Any) -> Subgraphs:
    """Subgraphs that hold nothing back."""
    subgraphs = Subgraphs(**more)
    subgraphs.released.set()
    return subgraphs


def parts_of(body: bytes) -> list[Any]:
    """The contents of a multipart body with the boundary `-`."""
    assert body.startswith(b"\r\n---\r\n")
    assert body.endswith(b"\r\n-----\r\n")
    found = body.removesuffix(b"--\r\n").split(b"\r\n---")[1:-1]
    heads = {part.partition(b"\r\n\r\n")[0].strip() for part in found}
    assert heads == {b"content-type: application/json; charset=utf-8"}
    return [orjson.loads(part.partition(b"\r\n\r\n")[2]) for part in found]


class Browser:
    """A client on a real socket that reads chunk by chunk."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def post(self, query: str, accept: str = APOLLO) -> bytes:
        """Sends a query; returns the head of the response."""
        body = orjson.dumps({"query": query})
        head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: {accept}\r\n"
        self.writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        return await self._reader.readuntil(b"\r\n\r\n")

    async def chunk(self) -> bytes:
        size = int(await self._reader.readline(), 16)
        content = await self._reader.readexactly(size)
        assert await self._reader.readline() == b"\r\n"
        return content


@asynccontextmanager
async def listening(gateway: Gateway) -> AsyncIterator[HttpServer]:
    server = HttpServer(Health(), "127.0.0.1", 0, HttpOptions(finish_seconds=1))
    async with server.opened():
        server.mount(gateway)
        yield server


@asynccontextmanager
async def browsing(gateway: Gateway) -> AsyncIterator[Browser]:
    async with listening(gateway) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        yield Browser(reader, writer)
        writer.close()
        await writer.wait_closed()


class TestOnASocket:
    async def test_the_first_part_is_there_before_the_second_subgraph_answers(self) -> None:
        subgraphs = Subgraphs()
        async with browsing(gateway_on(subgraphs)) as browser:
            head = await browser.post(QUERY)
            assert b'\r\ncontent-type: multipart/mixed;boundary="-";deferSpec=20220824\r\n' in head
            assert b"\r\ntransfer-encoding: chunked\r\n" in head.lower()
            first = await browser.chunk()
            content = (
                b'content-type: application/json; charset=utf-8\r\n\r\n{"data":{"me":{"name":"Ada"}},"hasNext":true}'
            )
            assert first == b"\r\n---\r\n" + content + b"\r\n---\r\n"
            await subgraphs.asked.wait()
            subgraphs.released.set()
            second = await browser.chunk()
            assert second.startswith(b"content-type: application/json; charset=utf-8\r\n\r\n{")
            assert parts_of(first + second) == [FIRST, LATE]
            assert await browser.chunk() == b""

    async def test_a_client_that_leaves_gives_up_the_rest(self) -> None:
        subgraphs = Subgraphs()
        async with browsing(gateway_on(subgraphs)) as browser:
            await browser.post(QUERY)
            await browser.chunk()
            await subgraphs.asked.wait()
            browser.writer.transport.abort()
            await subgraphs.given_up.wait()


class TestWhoGetsParts:
    @pytest.mark.parametrize(
        "accept",
        [
            APOLLO,
            'multipart/mixed; boundary="-"; deferSpec=20220824, application/json',
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            "multipart/mixed",
        ],
    )
    async def test_whoever_names_multipart(self, accept: str) -> None:
        response = await call(gateway_on(free()), body={"query": QUERY}, headers={"accept": accept})
        assert response.headers["content-type"] == 'multipart/mixed;boundary="-";deferSpec=20220824'
        assert parts_of(response.body) == [FIRST, LATE]

    @pytest.mark.parametrize(
        "accept",
        [
            "application/json",
            "*/*",
            "",
            "application/json, multipart/mixed;q=0.5",
            "multipart/mixed;deferSpec=20991231, application/json",
            "multipart/mixed;subscriptionSpec=1.0;q=0.9, application/json",
        ],
    )
    async def test_others_get_all_at_once(self, accept: str) -> None:
        response = await call(gateway_on(free()), body={"query": QUERY}, headers={"accept": accept})
        assert response.headers["content-type"].startswith("application/json")
        assert response.json == WHOLE

    @pytest.mark.parametrize("query", ["{ me { name } }", "{ me { name ... @defer(if: false) { name } } }"])
    async def test_what_defers_nothing_comes_as_json(self, query: str) -> None:
        response = await call(gateway_on(free()), body={"query": query}, headers={"accept": APOLLO})
        assert response.json == {"data": {"me": {"name": "Ada"}}}

    async def test_who_takes_nothing_else_gets_one_part(self) -> None:
        headers = {"accept": "multipart/mixed;deferSpec=20220824"}
        response = await call(gateway_on(free()), body={"query": "{ me { name } }"}, headers=headers)
        assert parts_of(response.body) == [{"data": {"me": {"name": "Ada"}}, "hasNext": False}]

    @pytest.mark.parametrize(("later", "parts"), [(True, 2), (False, 1)])
    async def test_a_variable_switches_it(self, later: bool, parts: int) -> None:
        query = "query ($later: Boolean!) { me { name ... @defer(if: $later) { rating } } }"
        body = {"query": query, "variables": {"later": later}}
        response = await call(gateway_on(free()), body=body, headers={"accept": "multipart/mixed"})
        assert len(parts_of(response.body)) == parts

    async def test_a_variable_without_a_value_leaves_it_on(self) -> None:
        query = "query ($later: Boolean) { me { name ... @defer(if: $later) { rating } } }"
        response = await call(gateway_on(free()), body={"query": query}, headers={"accept": APOLLO})
        assert len(parts_of(response.body)) == 2

    async def test_a_get_gets_parts_too(self) -> None:
        query = "query=%7Bme%7Bname...%40defer%7Brating%7D%7D%7D"
        response = await call(gateway_on(free()), "GET", query=query, headers={"accept": APOLLO})
        assert len(parts_of(response.body)) == 2

    async def test_a_subscription_is_still_a_stream_of_its_own_form(self) -> None:
        ticks = Ticks()
        ticks.queue.put_nowait(None)
        body = {"query": "subscription { renamed { name } }"}
        response = await call(gateway_on(free(), ticks), body=body, headers={"accept": "multipart/mixed"})
        assert "boundary=graphql" in response.headers["content-type"]

    def test_the_header_is_read_with_its_weights(self) -> None:
        assert takes_parts("multipart/mixed;q=0.9, application/json;q=0.8")
        assert not takes_parts("multipart/mixed;q=0")
        assert not takes_parts(None)


class TestErrors:
    async def test_an_error_of_a_part_is_told_in_it(self) -> None:
        lost = b'{"data":{"_entities":[null]},"errors":[{"message":"lost","path":["_entities",0]}]}'
        response = await call(gateway_on(free(reply=lost)), body={"query": QUERY}, headers={"accept": APOLLO})
        first, late = parts_of(response.body)
        assert first == FIRST
        (increment,) = late["incremental"]
        assert increment["data"] == {"rating": None}
        assert [error["path"] for error in increment["errors"]] == [["me"]]

    @pytest.mark.parametrize(
        "query",
        [
            "query ($l: String) { me { ... @defer(label: $l) { name } } }",
            '{ me { ... @defer(label: "a") { name } ... @defer(label: "a") { rating } } }',
            "subscription { ... @defer { renamed { name } } }",
            "subscription { renamed { ... @defer { name } } }",
            "{ me @defer { name } }",
            "{ me { ... @defer(if: 1) { name } } }",
        ],
    )
    async def test_a_misplaced_directive_is_refused(self, query: str) -> None:
        response = await call(gateway_on(free()), body={"query": query}, headers={"accept": APOLLO})
        assert response.json["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "data" not in response.json

    async def test_a_fault_of_ours_ends_the_parts_with_a_masked_error(self) -> None:
        class Broken(Subgraphs):
            async def _answer(self, call: SubgraphCall) -> SubgraphReply:
                if call.service == "users":
                    return await super()._answer(call)
                raise RuntimeError("secret")

        response = await call(gateway_on(Broken()), body={"query": QUERY}, headers={"accept": APOLLO})
        first, fault = parts_of(response.body)
        assert first == FIRST
        assert fault["hasNext"] is False
        assert fault["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert b"secret" not in response.body


async def test_the_directive_is_in_the_schema() -> None:
    query = "{ __schema { directives { name locations args { name defaultValue } } } ... @defer { __typename } }"
    response = await call(gateway_on(free()), body={"query": query})
    (found,) = [each for each in response.json["data"]["__schema"]["directives"] if each["name"] == "defer"]
    assert found["locations"] == ["FRAGMENT_SPREAD", "INLINE_FRAGMENT"]
    assert [arg["name"] for arg in found["args"]] == ["label", "if"]
    assert found["args"][1]["defaultValue"] == "true"


@asynccontextmanager
async def speaking(gateway: Gateway) -> AsyncIterator[ClientConnection]:
    """A socket that has been acknowledged."""
    async with (
        listening(gateway) as server,
        connect(
            server.url.replace("http", "ws") + "/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            proxy=None,
        ) as connection,
    ):
        await connection.send('{"type":"connection_init"}')
        await connection.recv()
        yield connection


def _subscribe(query: str, **variables: Any) -> str:
    payload = {"query": query, "variables": variables}
    return orjson.dumps({"id": "q", "type": "subscribe", "payload": payload}).decode()


class TestSockets:
    async def test_parts_are_next_messages(self) -> None:
        heard = await self._hear(QUERY)
        assert [message["type"] for message in heard] == ["next", "next", "complete"]
        assert [message["payload"] for message in heard[:2]] == [FIRST, LATE]

    async def test_a_complete_of_the_client_gives_up_the_rest(self) -> None:
        subgraphs = Subgraphs()
        async with speaking(gateway_on(subgraphs)) as connection:
            await connection.send(_subscribe(QUERY))
            assert orjson.loads(await connection.recv())["payload"] == FIRST
            await subgraphs.asked.wait()
            await connection.send('{"id":"q","type":"complete"}')
            await subgraphs.given_up.wait()

    async def test_an_event_comes_whole(self) -> None:
        query = "subscription ($later: Boolean!) { renamed { name ... @defer(if: $later) { rating } } }"
        (message,) = await self._hear(query, later=True)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "BAD_USER_INPUT")

    async def _hear(self, query: str, **variables: Any) -> list[Any]:
        """Everything that is said of an operation."""
        async with speaking(gateway_on(free())) as connection:
            await connection.send(_subscribe(query, **variables))
            heard: list[Any] = []
            while not heard or heard[-1]["type"] == "next":
                heard.append(orjson.loads(await connection.recv()))
            return heard
