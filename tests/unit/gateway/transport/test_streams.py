"""Passing on a subgraph's graphql-transport-ws stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from gateway.executor.ports import StreamedReply, SubgraphCall
from gateway.planner.nodes import OperationKind
from gateway.transport.streams import StreamOptions, SubgraphStreams
from kit.errors import DomainError
from tests.unit.gateway.transport.test_client import Person

Behave = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def subgraph(behave: Behave) -> AsyncIterator[SubgraphStreams]:
    async with serve(behave, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield SubgraphStreams({"one": (f"http://127.0.0.1:{port}/graphql",)}, StreamOptions(open_seconds=0.5))


def call() -> SubgraphCall:
    person = Person(sent=(("authorization", "Bearer x"),))
    return SubgraphCall("one", OperationKind.SUBSCRIPTION, b'{"query":"subscription { a }"}', person, 1e9)


async def say(socket: ServerConnection, **message: Any) -> None:
    await socket.send(orjson.dumps(message).decode())


async def hear(socket: ServerConnection) -> Any:
    return orjson.loads(await socket.recv())


async def all_of(streams: SubgraphStreams) -> list[StreamedReply]:
    return [reply async for reply in streams.stream(call())]


async def test_replies_come_until_the_subgraph_completes() -> None:
    heard: list[Any] = []

    async def behave(socket: ServerConnection) -> None:
        assert socket.request is not None
        heard.append(socket.request.headers["authorization"])
        heard.append(await hear(socket))
        await say(socket, type="ping")
        heard.append(await hear(socket))
        await say(socket, type="connection_ack")
        heard.append(await hear(socket))
        await say(socket, id="1", type="next", payload={"data": {"a": 1}})
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}
        await say(socket, id="1", type="next", payload={"data": None, "errors": [{"message": "x"}]})
        await say(socket, id="1", type="complete")

    async with subgraph(behave) as streams:
        replies = await all_of(streams)
    assert replies == [StreamedReply(data={"a": 1}), StreamedReply(data=None, errors=({"message": "x"},))]
    assert heard == [
        "Bearer x",
        {"type": "connection_init", "payload": {"authorization": "Bearer x"}},
        {"type": "pong"},
        {"id": "1", "type": "subscribe", "payload": {"query": "subscription { a }"}},
    ]


async def test_an_error_is_the_last_reply() -> None:
    async def behave(socket: ServerConnection) -> None:
        await hear(socket)
        await say(socket, type="connection_ack")
        await hear(socket)
        await say(socket, id="1", type="error", payload=[{"message": "no"}])

    async with subgraph(behave) as streams:
        assert await all_of(streams) == [StreamedReply(data=None, errors=({"message": "no"},))]


async def _silent(socket: ServerConnection) -> None:
    await socket.wait_closed()


async def _rude(socket: ServerConnection) -> None:
    await socket.close(4403, "no")


async def _breaks_off(socket: ServerConnection) -> None:
    await hear(socket)
    await say(socket, type="connection_ack")
    await hear(socket)
    await socket.close(1011)


async def _babbles(socket: ServerConnection) -> None:
    await socket.send("nonsense")
    await socket.wait_closed()


@pytest.mark.parametrize("behave", [_silent, _rude, _breaks_off, _babbles])
async def test_a_stream_that_breaks_is_unavailable(behave: Behave) -> None:
    async with subgraph(behave) as streams:
        with pytest.raises(DomainError) as error:
            await all_of(streams)
    assert error.value.code == "UNAVAILABLE"


async def test_nobody_listening_is_unavailable() -> None:
    async with subgraph(_silent) as streams:
        pass
    with pytest.raises(DomainError):
        await all_of(streams)


class Replica:
    """A subgraph that says its name, and counts those who came."""

    def __init__(self, name: str, *, admits: bool = True) -> None:
        self._name = name
        self._admits = admits
        self.came = 0

    async def behave(self, socket: ServerConnection) -> None:
        self.came += 1
        await hear(socket)
        if not self._admits:
            await socket.close(1013, "busy")
            return
        await say(socket, type="connection_ack")
        await hear(socket)
        await say(socket, id="1", type="next", payload={"data": {"a": self._name}})
        await say(socket, id="1", type="complete")


@asynccontextmanager
async def replicated(*replicas: Replica) -> AsyncIterator[SubgraphStreams]:
    """Streams of one service with these replicas, and one more where nobody listens."""
    async with AsyncExitStack() as stack:
        urls = []
        for replica in replicas:
            server = await stack.enter_async_context(
                serve(replica.behave, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
            )
            urls.append(f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/graphql")
        async with serve(_silent, "127.0.0.1", 0) as server:
            urls.append(f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/graphql")
        yield SubgraphStreams({"one": tuple(urls)}, StreamOptions(open_seconds=5))


async def test_replicas_are_taken_in_turn_and_passed_over_when_they_cannot_be_had() -> None:
    first, busy, second = Replica("first"), Replica("busy", admits=False), Replica("second")
    async with replicated(first, busy, second) as streams:
        told = [(await all_of(streams))[0].data for _ in range(8)]
    assert first.came + second.came == len(told)
    assert {str(data) for data in told} == {"{'a': 'first'}", "{'a': 'second'}"}
    assert busy.came > 0


async def test_a_service_none_of_whose_replicas_can_be_had_is_unavailable() -> None:
    busy = [Replica("one", admits=False), Replica("two", admits=False)]
    async with replicated(*busy) as streams:
        with pytest.raises(DomainError) as error:
            await all_of(streams)
    assert error.value.code == "UNAVAILABLE"
    assert [each.came for each in busy] == [1, 1]


async def test_leaving_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        await hear(socket)
        await say(socket, type="connection_ack")
        await hear(socket)
        await say(socket, id="1", type="next", payload={"data": {"a": 1}})
        await socket.wait_closed()
        closed.set()

    async with subgraph(behave) as streams:
        stream = streams.stream(call())
        await anext(stream)
        await stream.aclose()
        await closed.wait()
