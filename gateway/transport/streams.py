"""Passes a subgraph's own subscription on: one graphql-transport-ws connection for each subscriber.

Replicas are taken in turn; one that cannot be had is passed over, since nothing was asked of it yet. The caller's
headers travel with the handshake and as the init payload, since servers differ in where they look.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from gateway.executor.ports import StreamedReply, SubgraphCall
from gateway.transport.endpoint import encode_headers
from kit.errors import unavailable

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

SUBPROTOCOL = "graphql-transport-ws"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """Bounds of one stream; times in seconds, sizes in bytes. `open_seconds` is for one replica."""

    open_seconds: float = 5.0
    max_message: int = 8 * 1024 * 1024


class SubgraphStreams:
    """Streams by service name; `urls` are those that queries go to."""

    def __init__(self, urls: Mapping[str, Sequence[str]], options: StreamOptions | None = None) -> None:
        self._urls = urls
        self._turns = dict.fromkeys(urls, 0)
        self._options = options or StreamOptions()

    async def stream(self, call: SubgraphCall) -> AsyncGenerator[StreamedReply, None]:
        """The subgraph's responses until it completes. Raises DomainError UNAVAILABLE when the connection is lost."""
        async with self._connected(call) as socket:
            await socket.send((b'{"id":"1","type":"subscribe","payload":' + call.body + b"}").decode())
            async for message in _messages(socket):
                kind, payload = message.get("type"), message.get("payload")
                if kind == "ping":
                    await socket.send('{"type":"pong"}')
                elif kind == "next" and isinstance(payload, dict):
                    yield _reply(payload)
                elif kind == "error":
                    yield StreamedReply(data=None, errors=tuple(payload if isinstance(payload, list) else ()))
                    return
                elif kind == "complete":
                    return

    @asynccontextmanager
    async def _connected(self, call: SubgraphCall) -> AsyncGenerator[ClientConnection, None]:
        # Loaded with the first stream: most graphs have none.
        from websockets.exceptions import WebSocketException

        lost = (OSError, WebSocketException, orjson.JSONDecodeError)  # TimeoutError is an OSError
        try:
            async with await self._opened(call, lost) as socket:
                yield socket
        except lost as error:
            raise unavailable(f"The stream of '{call.service}' cannot be had or was lost.") from error

    async def _opened(self, call: SubgraphCall, lost: tuple[type[Exception], ...]) -> ClientConnection:
        """A connection to the first replica in turn that can be had. Raises what the last one raised."""
        headers = call.caller.headers(call.service)
        encode_headers(headers)  # refuses what could end a header early
        urls = self._urls[call.service]
        self._turns[call.service] += 1
        for tried in range(len(urls) - 1):
            with suppress(*lost):
                return await self._open(urls[(self._turns[call.service] + tried) % len(urls)], dict(headers))
        return await self._open(urls[(self._turns[call.service] - 1) % len(urls)], dict(headers))

    async def _open(self, url: str, headers: dict[str, str]) -> ClientConnection:
        from websockets.asyncio.client import connect

        async with asyncio.timeout(self._options.open_seconds):
            socket = await connect(
                url.replace("http", "ws", 1),
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item] # a NewType of str
                additional_headers=headers,
                max_size=self._options.max_message,
                close_timeout=self._options.open_seconds,
                compression=None,
                proxy=None,
            )
            try:
                await _initialise(socket, headers)
            except BaseException:
                await socket.close()
                raise
        return socket


async def _initialise(socket: ClientConnection, payload: dict[str, str]) -> None:
    await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
    async for message in _messages(socket):
        if message.get("type") == "connection_ack":
            return
        if message.get("type") == "ping":
            await socket.send('{"type":"pong"}')


async def _messages(socket: ClientConnection) -> AsyncGenerator[dict[str, Any], None]:
    """What arrives, decoded; raises what the connection raises when it ends, and JSONDecodeError."""
    while True:
        message = orjson.loads(await socket.recv())
        if isinstance(message, dict):
            yield message


def _reply(payload: dict[str, Any]) -> StreamedReply:
    data, errors = payload.get("data"), payload.get("errors")
    return StreamedReply(
        data=data if isinstance(data, dict) else None, errors=tuple(errors) if isinstance(errors, list) else ()
    )
