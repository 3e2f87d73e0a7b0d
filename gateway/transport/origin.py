"""How one POST reaches one endpoint: the port, and its TLS implementation on aiohttp (the plain one is the pool)."""

from __future__ import annotations

import asyncio
from typing import Protocol

import aiohttp

from gateway.executor.ports import SubgraphReply
from gateway.transport.connection import ExchangeFailed, ReplyTooLarge
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


class SecureOrigin:
    """An endpoint behind TLS."""

    def __init__(self, endpoint: Endpoint, options: PoolOptions) -> None:
        self._url = endpoint.url
        self._options = options
        self._session: aiohttp.ClientSession | None = None

    async def post(self, headers: bytes, body: bytes, *, fresh: bool) -> SubgraphReply:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._options.max_connections)
            timeout = aiohttp.ClientTimeout(total=None, connect=self._options.connect_timeout)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        sent = dict(line.split(": ", 1) for line in headers.decode("latin-1").split("\r\n") if line)
        sent |= {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
        try:
            async with self._session.post(self._url, data=body, headers=sent, allow_redirects=False) as response:
                return SubgraphReply(response.status, await self._read(response))
        except aiohttp.ClientConnectorError as error:
            raise OSError(str(error)) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise TimeoutError from error
        except aiohttp.ClientError as error:
            raise ExchangeFailed("the connection was closed", unanswered=False) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._options.max_body:
                raise ReplyTooLarge
            parts.append(part)
        return b"".join(parts)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
