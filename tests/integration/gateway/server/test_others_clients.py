"""The gateway as others see it: the audits of graphql-http, the client of graphql-ws."""

from __future__ import annotations

import json

from gateway.pipeline.ports import ValueEvent
from tests.integration.gateway.server.conftest import Run, listening
from tests.unit.gateway.server.served import serve

AUDITS = 61


async def test_every_audit_of_graphql_http_passes(node: Run) -> None:
    async with listening(serve()) as url:
        (line,) = await node("audits.mjs", url)
    results = json.loads(line)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS


async def test_the_client_of_graphql_ws_subscribes_and_asks(node: Run) -> None:
    served = serve()
    for number in (1, 2):
        served.ticks.queue.put_nowait(ValueEvent(value={"id": str(number), "number": number}))
    served.ticks.queue.put_nowait(None)
    async with listening(served) as url:
        lines = [json.loads(line) for line in await node("subscriber.mjs", url.replace("http", "ws"), "Bearer x")]
    assert lines == [
        {"data": {"ticks": {"id": "1", "number": 1}}},
        {"data": {"ticks": {"id": "2", "number": 2}}},
        "complete",
        {"data": {"hello": "hello you"}},
        {"data": {"shout": "DONE"}},
        {"refused": 1},
    ]
    assert served.ticks.requests[0].caller.headers("one") == (("authorization", "Bearer x"),)
