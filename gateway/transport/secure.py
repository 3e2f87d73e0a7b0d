"""How one POST reaches an endpoint behind TLS: on aiohttp, which is loaded only where there is such an endpoint."""

from __future__ import annotations

import ssl

import aiohttp

from gateway.executor.ports import SubgraphReply
from gateway.transport.connection import ExchangeFailed, ReplyTooLarge
from gateway.transport.endpoint import Endpoint
from gateway.transport.pool import PoolOptions


class SecureOrigin:
    """An endpoint behind TLS."""

    def __init__(self, endpoint: Endpoint, options: PoolOptions) -> None:
        self._url = endpoint.url
        self._options = options
        self._session: aiohttp.ClientSession | None = None

    async def post(self, headers: bytes, body: bytes, *, fresh: bool) -> SubgraphReply:
        if self._session is None:
            trusted = ssl.create_default_context()  # aiohttp's own is made when it is imported, for the whole process
            connector = aiohttp.TCPConnector(limit=self._options.max_connections, ssl=trusted)
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
