"""One HTTP/1.1 connection: one exchange at a time, parsed by httptools.

Invariant: after anything unexpected (an error, a cancelled exchange, bytes nobody asked for) it is closed and never
reused.
"""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from gateway.executor.ports import SubgraphReply


class ExchangeFailed(Exception):
    """The exchange ended without a reply. `unanswered`: not one byte of a reply had arrived."""

    def __init__(self, reason: str, *, unanswered: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unanswered = unanswered


class ReplyTooLarge(Exception):
    """The reply's body is over the limit."""


class Connection(asyncio.Protocol):
    """A client connection for the pool; `reusable` says whether another exchange may follow."""

    def __init__(self, max_body: int, now: float) -> None:
        self._max_body = max_body
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[SubgraphReply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._chunks: list[bytes] = []
        self._size = 0
        self._answering = False
        self._headers_done = False
        self._framed = False
        self.opened_at = now
        self.idle_since = now
        self.exchanges = 0
        self.reusable = False

    def exchange(self, head: bytes, body: bytes, loop: asyncio.AbstractEventLoop) -> asyncio.Future[SubgraphReply]:
        """Sends one request. The future fails with ExchangeFailed or ReplyTooLarge; cancelling it closes."""
        reply: asyncio.Future[SubgraphReply] = loop.create_future()
        if self._transport is None or self._transport.is_closing():
            reply.set_exception(ExchangeFailed("the connection is closed", unanswered=True))
            return reply
        self._reply = reply
        self._chunks = []
        self._size = 0
        self._answering = self._headers_done = self._framed = False
        self.reusable = False
        self.exchanges += 1
        reply.add_done_callback(self._abort_if_cancelled)
        if len(body) < 65536:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))
        return reply

    def close(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass, but behaves as one
        self.reusable = True

    def data_received(self, data: bytes) -> None:
        if self._reply is None or self._reply.done():
            self.close()
            return
        self._answering = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(ExchangeFailed("the reply is not HTTP", unanswered=False))

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = False
        if self._headers_done and not self._framed:
            self.on_message_complete()  # a body without length ends with the connection
        self._fail(ExchangeFailed("the connection was closed", unanswered=not self._answering))

    # What the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered == b"content-length":
            self._framed = True
            if int(value) > self._max_body:
                self._fail(ReplyTooLarge())
        elif lowered == b"transfer-encoding":
            self._framed = True

    def on_headers_complete(self) -> None:
        self._headers_done = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._max_body:
            self._fail(ReplyTooLarge())
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200 or self._reply is None or self._reply.done():
            return
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks = []
        self._headers_done = False
        self.reusable = self._framed and self._parser.should_keep_alive()
        reply, self._reply = self._reply, None
        reply.set_result(SubgraphReply(self._parser.get_status_code(), body))

    def _fail(self, error: Exception) -> None:
        reply, self._reply = self._reply, None
        self._headers_done = False
        if reply is not None and not reply.done():
            reply.set_exception(error)
        self.close()

    def _abort_if_cancelled(self, reply: asyncio.Future[SubgraphReply]) -> None:
        if reply.cancelled():
            self.close()
