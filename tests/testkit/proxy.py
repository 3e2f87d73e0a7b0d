"""A TCP link between a client and an engine that a test can cut and mend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Link:
    """A link on `port`. Cut, it refuses what comes and breaks what is open."""

    host: str
    target_port: int
    port: int = 0
    whole: bool = True
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        self.whole = False
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        self.whole = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target_port)
        ends = {writer, far_writer}
        self._open |= ends
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._open -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def link(host: str, port: int) -> AsyncIterator[Link]:
    """A link to an engine for the length of a block."""
    opened = Link(host, port)
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0)
    opened.port = server.sockets[0].getsockname()[1]
    try:
        yield opened
    finally:
        opened.cut()
        server.close()
