"""What is left of subgraphs' errors when they are masked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest
import structlog

from gateway.executor.ports import StreamedReply, SubgraphCall, SubgraphFailure, SubgraphReply
from gateway.planner.nodes import OperationKind
from gateway.transport.masking import LOGGED, MASKED, MaskedStreams, MaskedSubgraphs
from tests.unit.gateway.executor.scripted_subgraphs import Nobody, ScriptedClient

SECRET = {"message": "secret", "path": ["a", 0], "extensions": {"code": "SECRET", "stack": "secret"}}


def call() -> SubgraphCall:
    return SubgraphCall("one", OperationKind.QUERY, b'{"query":"{ a }"}', Nobody(), 10.0)


async def reply_to(answer: Any) -> SubgraphReply:
    return await MaskedSubgraphs(ScriptedClient(lambda *_: answer)).send(call())


async def test_only_the_path_of_an_error_is_left() -> None:
    with structlog.testing.capture_logs() as logs:
        reply = await reply_to({"data": {"a": [None]}, "errors": [SECRET, "nonsense"]})
    errors = [{"message": MASKED, "path": ["a", 0]}, {"message": MASKED}]
    assert orjson.loads(reply.body) == {"data": {"a": [None]}, "errors": errors}
    assert [line["error"] for line in logs] == [SECRET, "nonsense"]


async def test_the_status_stays_and_so_does_what_is_no_response() -> None:
    content = SubgraphReply(500, orjson.dumps({"errors": [SECRET]}))
    masked = await reply_to(content)
    assert (masked.status, b"secret" in masked.body) == (500, False)
    for body in (b'{"data":{"a":"\\"errors\\""}}', b'not "errors"', b'["errors"]', b'{"errors":[]}', b'{"errors":"x"}'):
        assert await reply_to(body) == SubgraphReply(200, body)


async def test_a_flood_is_counted_and_not_written_out() -> None:
    with structlog.testing.capture_logs() as logs:
        await reply_to({"data": None, "errors": [SECRET] * (LOGGED + 5)})
    assert len(logs) == LOGGED + 1
    assert logs[-1]["more"] == 5


async def test_a_failure_is_the_gateways_own_and_stays() -> None:
    with pytest.raises(SubgraphFailure, match="down"):
        await reply_to(SubgraphFailure("UNAVAILABLE", "down"))


async def test_giving_up_gives_up_the_call() -> None:
    held: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()

    class Holding:
        def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
            return held

    reply = MaskedSubgraphs(Holding()).send(call())
    reply.cancel()
    await asyncio.wait([held], timeout=1)
    assert held.cancelled()
    assert reply.cancelled()


async def test_events_are_masked_too() -> None:
    class Streams:
        async def stream(self, call: SubgraphCall) -> AsyncGenerator[StreamedReply, None]:
            yield StreamedReply(data={"a": 1})
            yield StreamedReply(data=None, errors=(SECRET,))

    events = [each async for each in MaskedStreams(Streams()).stream(call())]
    masked = StreamedReply(data=None, errors=({"message": MASKED, "path": ["a", 0]},))
    assert events == [StreamedReply(data={"a": 1}), masked]
