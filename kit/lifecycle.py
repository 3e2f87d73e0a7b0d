"""Owns the life of a process: parts open in order, SIGTERM closes them in reverse order within 30 s, exit status 0.

The HTTP port answers probes from the first moment. A part whose engine is missing is waited for with one log line, so
processes may start in any order and never crash-loop; only a wrong setting or a fault of ours ends a start.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

import uvloop
from starlette.types import ASGIApp

from kit import failpoints
from kit.errors import DomainError, Kind
from kit.health import Health
from kit.serving import HttpOptions, HttpServer
from kit.settings import Settings
from kit.telemetry import logger, setup_logs, setup_tracing

_DRAIN_SECONDS = 28.0
_PART_CLOSE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0
_REMIND_SECONDS = 30.0

# Faults of ours: waiting would not cure them.
_OURS = (TypeError, AttributeError, NameError, AssertionError, ImportError, NotImplementedError)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """What `run` runs: `start` opens the parts on the process it is given and returns when all is open."""

    name: str
    settings: Settings
    start: Callable[[Process], Awaitable[None]]
    http: HttpOptions = field(default_factory=HttpOptions)


class Process:
    """What a running process offers to its parts."""

    def __init__(self, service: Service) -> None:
        self.name = service.name
        self.health = Health()
        self.stopping = asyncio.Event()
        self.http = HttpServer(self.health, service.settings.host, service.settings.port, service.http)
        self._stack = AsyncExitStack()
        self._log = logger("lifecycle")

    async def enter(self, name: str, part: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """Opens a part and keeps it open until the process ends; waits for what it needs as long as that takes."""
        began = monotonic()
        pause, reminded = _FIRST_PAUSE_SECONDS, -_REMIND_SECONDS
        while True:
            try:
                value = await self._stack.enter_async_context(_bounded(name, part()))
            except _OURS:
                raise
            except Exception as error:
                if isinstance(error, DomainError) and error.kind in (Kind.INVALID, Kind.PRECONDITION):
                    raise
                if monotonic() - began - reminded >= _REMIND_SECONDS:
                    reminded = monotonic() - began
                    self._log.warning(f"waiting for {name}", reason=_one_line(error))
                    self.health.waiting(name, _one_line(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            if reminded >= 0:
                self._log.info(f"{name} is there", waited_seconds=round(monotonic() - began, 1))
            self.health.waiting(name, None)
            return value

    async def spawn(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a task beside the others; a failure is logged and it starts again, the end of the process cancels it."""
        await self._stack.enter_async_context(_bounded(name, supervised(name, run)))

    def mount(self, app: ASGIApp) -> None:
        """Gives the HTTP port its application; until then it answers 503 to all but probes."""
        self.http.mount(app)

    async def on_stop(self, name: str, close: Callable[[], Awaitable[object]]) -> None:
        """Calls `close` when the process ends, before the parts that were opened earlier are closed."""

        @asynccontextmanager
        async def part() -> AsyncIterator[None]:
            yield
            await close()

        await self._stack.enter_async_context(_bounded(name, part()))

    async def aclose(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def supervised(name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Keeps a task running for the length of a block: a failure is logged and the task starts again after a pause."""
    log = logger(name)

    async def forever() -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            began = monotonic()
            try:
                await run()
                return
            except Exception:
                log.exception(f"{name} failed and starts again")
            pause = _FIRST_PAUSE_SECONDS if monotonic() - began > _REMIND_SECONDS else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    task = asyncio.create_task(forever(), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _bounded(name: str, part: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """A part whose closing can neither hang nor fail the closing of the others."""
    value = await part.__aenter__()
    try:
        yield value
    finally:
        try:
            async with asyncio.timeout(_PART_CLOSE_SECONDS):
                await part.__aexit__(None, None, None)
        except TimeoutError:
            logger("lifecycle").warning(f"{name} did not close in time")
        except Exception:
            logger("lifecycle").exception(f"{name} failed to close")


def run(service: Service) -> None:
    """Runs a service until SIGTERM or SIGINT and ends the interpreter: 0 after a drain, 1 or 2 after a failed start."""
    failpoints.arm(service.settings.failpoints)
    setup_logs(service.name, service.settings.log_level)
    provider = setup_tracing(service.name, service.settings.otlp_endpoint, service.settings.trace_ratio)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        status = runner.run(_live(service))
    provider.shutdown()
    sys.stdout.flush()
    raise SystemExit(status)


async def _live(service: Service) -> int:
    log = logger("lifecycle")
    process = Process(service)
    _catch_signals(process)
    try:
        await process.enter("http", lambda: process.http.opened())
        starting = asyncio.ensure_future(service.start(process))
        stopping = asyncio.create_task(process.stopping.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            process.health.started()
            _settle_memory()
            log.info("started", url=process.http.url)
            await stopping
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    except DomainError as error:
        log.error("cannot start", reason=_one_line(error))
        return 2
    except Exception:
        log.exception("cannot start")
        return 1
    finally:
        await _drain(process)
    log.info("stopped")
    return 0


async def _drain(process: Process) -> None:
    process.health.draining()
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await process.http.finish()
            await process.aclose()
    except TimeoutError:
        process._log.warning("did not drain in time")


def _catch_signals(process: Process) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if process.stopping.is_set():
            return
        process.stopping.set()
        process.health.draining()
        # Whatever hangs: the process is gone within its grace period, and that is not an error.
        watchdog = threading.Timer(_DRAIN_SECONDS + 1.5, os._exit, (0,))
        watchdog.daemon = True
        watchdog.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def _settle_memory() -> None:
    """What lives as long as the process need not be looked at by every collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
