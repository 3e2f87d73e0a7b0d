"""From a supergraph's text to a working engine: a subgraph's own subscription, replicas, override labels."""

from __future__ import annotations

import asyncio
import random
from asyncio import StreamWriter
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from gateway.assembly import GraphOptions, Labels, assemble
from gateway.pipeline.engine import OperationRequest
from gateway.supergraph.errors import InvalidSupergraph
from gateway.transport.endpoint import UnusableUrl
from gateway.transport.masking import MASKED
from tests.unit.gateway.executor.scripted_subgraphs import Nobody
from tests.unit.gateway.server.served import SUPERGRAPH
from tests.unit.gateway.transport.raw_server import RawServer, Received, raw_server, reply


async def test_a_subscription_without_another_source_is_passed_on_from_its_subgraph() -> None:
    asked: list[Any] = []

    async def subgraph(socket: ServerConnection) -> None:
        async for text in socket:
            message = orjson.loads(text)
            if message["type"] == "connection_init":
                await socket.send('{"type":"connection_ack"}')
            if message["type"] == "subscribe":
                asked.append(message["payload"])
                data = orjson.dumps({"data": {"t": {"n": 7}}}).decode()
                await socket.send(f'{{"id":"1","type":"next","payload":{data}}}')
                await socket.send('{"id":"1","type":"complete"}')

    async with serve(subgraph, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        assembled = assemble(SUPERGRAPH, GraphOptions(urls={"one": (f"http://127.0.0.1:{port}/graphql",)}))
        query = "subscription($to: Int!) { t: ticks(to: $to) { n: number } }"
        request = OperationRequest(query=query, caller=Nobody(), variables={"to": 1})
        answers = [answer async for answer in assembled.engine.stream(request, asyncio.Event())]
        await assembled.client.aclose()
    assert [answer.content() for answer in answers] == [{"data": {"t": {"n": 7}}}]
    assert asked[0]["variables"] == {"to": 1}


def test_a_text_that_is_no_supergraph_and_a_url_that_leads_nowhere_are_refused() -> None:
    with pytest.raises(InvalidSupergraph):
        assemble("nonsense {", GraphOptions())
    with pytest.raises(UnusableUrl):
        assemble(SUPERGRAPH.replace("http://one/graphql", "nowhere"), GraphOptions())


def test_labels_of_a_percentage_are_active_as_often_as_they_say() -> None:
    random.seed(1)
    labels = Labels({"percent(25)", "percent(0)", "percent(100)", "percent(x)", "custom"})
    drawn = [labels.active() for _ in range(2000)]
    shares = {
        label: sum(label in active for active in drawn) / 2000 for label in ("percent(25)", "custom", "percent(x)")
    }
    assert 0.2 < shares["percent(25)"] < 0.3
    assert shares["custom"] == shares["percent(x)"] == 0
    assert all("percent(100)" in active and "percent(0)" not in active for active in drawn)


@pytest.mark.parametrize(("masked", "message"), [(True, MASKED), (False, "secret")])
async def test_what_subgraphs_say_of_errors_can_be_kept_inside(masked: bool, message: str) -> None:
    async def subgraph(_: RawServer, request: Received, writer: StreamWriter) -> None:
        failed = {"data": {"fail": None}, "errors": [{"message": "secret", "path": ["fail"]}]}
        writer.write(reply(orjson.dumps(failed)))

    async with raw_server(subgraph) as server:
        options = GraphOptions(urls={"one": (server.url,)}, mask_errors=masked)
        assembled = assemble(SUPERGRAPH, options)
        answer = await assembled.engine.execute(OperationRequest(query="{ fail }", caller=Nobody()))
        await assembled.client.aclose()
    (error,) = answer.errors
    assert (error["message"], error["path"]) == (message, ["fail"])
    assert error["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "service": "one"}
