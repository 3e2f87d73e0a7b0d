"""Owns the three probes and `/metrics` of a process.

Alive means that the event loop answers. Ready means started, not draining, and every required check passes; optional
checks are reported but do not take the process out of service, so that a shared outage does not unready a whole fleet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

_CHECK_TIMEOUT_SECONDS = 1.0
_REMEMBER_SECONDS = 0.5

Check = Callable[[], Awaitable[object]]
"""Returns when all is well and raises otherwise."""


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    check: Check
    required: bool


class Health:
    """The state that probes report."""

    def __init__(self) -> None:
        self._checks: list[_Named] = []
        self._started = False
        self._draining = False
        self._waiting_for: dict[str, str] = {}
        self._last: tuple[float, dict[str, str]] = (0.0, {})

    def add(self, name: str, check: Check, *, required: bool = False) -> None:
        """Adds a readiness check. Required is for what the process cannot do its own job without."""
        self._checks.append(_Named(name, check, required))

    def waiting(self, name: str, reason: str | None) -> None:
        """Notes that start-up waits for something, or with None that it no longer does."""
        if reason is None:
            self._waiting_for.pop(name, None)
        else:
            self._waiting_for[name] = reason

    def started(self) -> None:
        self._started = True

    def draining(self) -> None:
        self._draining = True

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self._healthz),
            Route("/startupz", self._startupz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
        ]

    async def _healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def _startupz(self, _: Request) -> Response:
        if self._started:
            return PlainTextResponse("ok")
        return JSONResponse({"status": "starting", "waitingFor": self._waiting_for}, 503)

    async def _readyz(self, _: Request) -> Response:
        if not self._started:
            return JSONResponse({"status": "starting", "waitingFor": self._waiting_for}, 503)
        if self._draining:
            return JSONResponse({"status": "draining"}, 503)
        failed = await self._failures()
        required = {named.name for named in self._checks if named.required}
        status = "unready" if required & failed.keys() else "degraded" if failed else "ready"
        return JSONResponse({"status": status, "failed": failed}, 503 if status == "unready" else 200)

    async def _metrics(self, _: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def _failures(self) -> dict[str, str]:
        asked_at, failed = self._last
        if time.monotonic() - asked_at < _REMEMBER_SECONDS:
            return failed
        outcomes = await asyncio.gather(*(_ask(named.check) for named in self._checks))
        failed = {named.name: reason for named, reason in zip(self._checks, outcomes, strict=True) if reason}
        self._last = (time.monotonic(), failed)
        return failed


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_SECONDS):
            await check()
    except TimeoutError:
        return "no answer"
    except Exception as error:
        return type(error).__name__
    return None
