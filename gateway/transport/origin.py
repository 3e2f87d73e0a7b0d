"""How one POST reaches one endpoint: the port, and its plain implementation on our own pool."""

from __future__ import annotations

import asyncio
from typing import Protocol

from gateway.executor.ports import SubgraphReply
from gateway.transport.connection import ExchangeFailed
from gateway.transport.endpoint import Endpoint
from gateway.transport.pool import Pool, PoolOptions


class Origin(Protocol):
    """Posts to one endpoint."""

    async def post(self, headers: bytes, body: bytes, *, fresh: bool) -> SubgraphReply:
        """One exchange; `fresh` asks for a new connection. Raises OSError or TimeoutError when nothing was sent,
        ExchangeFailed when no reply came, ReplyTooLarge."""

    async def aclose(self) -> None: ...


class PlainOrigin:
    """An endpoint behind our own pool."""

    def __init__(self, endpoint: Endpoint, options: PoolOptions) -> None:
        self._head = endpoint.head
        self.pool = Pool(endpoint.host, endpoint.port, options)

    def head(self, headers: bytes, body: bytes) -> bytes:
        return b"%b%bcontent-length: %d\r\n\r\n" % (self._head, headers, len(body))

    async def post(self, headers: bytes, body: bytes, *, fresh: bool) -> SubgraphReply:
        loop = asyncio.get_running_loop()
        connection = await self.pool.acquire(fresh=fresh)
        first = connection.exchanges == 0
        try:
            return await connection.exchange(self.head(headers, body), body, loop)
        except ExchangeFailed as failure:
            raise StaleConnection(failure.reason) if failure.unanswered and not first else failure from None
        finally:
            self.pool.release(connection, loop.time())

    async def aclose(self) -> None:
        self.pool.close()


class StaleConnection(ExchangeFailed):
    """A reused connection was closed before any byte came: most likely while it was idle."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, unanswered=True)
