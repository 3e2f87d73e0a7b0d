"""Owns the HTTP port of a process: probes answer at once, the application as soon as it is mounted, 503 in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.errors import DomainError, Kind, unavailable
from kit.health import Health
from kit.problem import problem_response

_PROBES = frozenset({"/healthz", "/readyz", "/startupz", "/metrics"})


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """What differs between processes at the HTTP port."""

    finish_seconds: float = 10.0
    keep_alive_seconds: int = 75
    websocket_max_bytes: int = 65_536


class _EmbeddedServer(uvicorn.Server):
    """A uvicorn server that leaves signals to `kit.lifecycle`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """One port: the probes of `health`, and the mounted application for everything else."""

    def __init__(self, health: Health, host: str, port: int, options: HttpOptions) -> None:
        self._probes = Starlette(routes=health.routes())
        self._app: ASGIApp | None = None
        self._host, self._port, self._options = host, port, options
        self._server: _EmbeddedServer | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def mount(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _PROBES:
            await self._probes(scope, receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await problem_response(unavailable("The process is starting."))(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1013})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Listens for the length of the block. Raises `DomainError` PRECONDITION_FAILED when the port is taken."""
        sock = listen(self._host, self._port)
        self._port = sock.getsockname()[1]
        config = uvicorn.Config(
            self,
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_per_message_deflate=False,
            ws_max_size=self._options.websocket_max_bytes,
            timeout_keep_alive=self._options.keep_alive_seconds,
            timeout_graceful_shutdown=int(self._options.finish_seconds),
        )
        self._server = _EmbeddedServer(config)
        self._serving = asyncio.create_task(self._server.serve([sock]), name="http")
        try:
            yield
        finally:
            await self.finish()

    async def finish(self) -> None:
        """Stops accepting and lets running requests end."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `DomainError` PRECONDITION_FAILED when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise DomainError(
            Kind.PRECONDITION, "PRECONDITION_FAILED", f"cannot listen on {host}:{port}: {error}"
        ) from None
    sock.listen(1024)
    sock.setblocking(False)
    return sock
