"""Keep-alive connections to one origin: the most recently used goes out first, old ones are replaced.

A connection lives at most `max_age`, so that a changed DNS entry is noticed; the resolver is asked for each new one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from gateway.transport.connection import Connection


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Bounds of a pool; times are in seconds, sizes in bytes."""

    max_connections: int = 200
    max_idle: float = 30.0
    max_age: float = 300.0
    connect_timeout: float = 2.0
    max_body: int = 64 * 1024 * 1024


class Pool:
    """Connections to one host and port over plain TCP."""

    def __init__(self, host: str, port: int, options: PoolOptions) -> None:
        self._host = host
        self._port = port
        self._options = options
        self._idle: list[Connection] = []
        self._count = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False

    def idle(self, now: float) -> Connection | None:
        """A connection that can be used at once, or None."""
        while self._idle:
            connection = self._idle.pop()
            if (
                connection.reusable
                and now - connection.idle_since < self._options.max_idle
                and now - connection.opened_at < self._options.max_age
            ):
                return connection
            self._drop(connection)
        return None

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """An idle connection or a new one, waiting for a place where all are taken. Raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        while not fresh:
            connection = self.idle(loop.time())
            if connection is not None:
                return connection
            if self._count < self._options.max_connections:
                break
            await self._place(loop)
        self._count += 1
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                _, opened = await loop.create_connection(
                    lambda: Connection(self._options.max_body, loop.time()), self._host, self._port
                )
        except BaseException:
            self._count -= 1
            self._wake()
            raise
        return opened

    def release(self, connection: Connection, now: float) -> None:
        """Takes a connection back after an exchange."""
        if connection.reusable and not self._closed:
            connection.idle_since = now
            self._idle.append(connection)
        else:
            self._drop(connection)
        self._wake()

    def close(self) -> None:
        """Closes the idle connections; those in use are closed when they come back."""
        self._closed = True
        while self._idle:
            self._drop(self._idle.pop())

    async def _place(self, loop: asyncio.AbstractEventLoop) -> None:
        place = loop.create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return

    def _drop(self, connection: Connection) -> None:
        self._count -= 1
        connection.close()
