"""The schema in use and those that still finish their work.

A swap takes effect for the next operation; what runs keeps the generation that it started with, and a generation is
closed when its last operation has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from gateway.pipeline.engine import Engine

Close = Callable[[], Awaitable[None]]


class Generation:
    """An engine, how many operations use it, and a signal for those that never end by themselves."""

    def __init__(self, engine: Engine, close: Close) -> None:
        self.engine = engine
        self.retired = asyncio.Event()
        self._close = close
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def used(self) -> Iterator[Engine]:
        """The engine for the length of one operation."""
        self._users += 1
        self._idle.clear()
        try:
            yield self.engine
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()

    async def retire(self) -> None:
        """Tells long operations to end, waits for all, and closes what the engine holds."""
        self.retired.set()
        await self._idle.wait()
        await self._close()


class Generations:
    """Holds the current generation, if there is one yet."""

    def __init__(self) -> None:
        self._current: Generation | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> Generation | None:
        return self._current

    def swap(self, engine: Engine, close: Close) -> None:
        """Makes the engine the current one; the one before retires by itself."""
        before, self._current = self._current, Generation(engine, close)
        if before is not None:
            task = asyncio.get_running_loop().create_task(before.retire(), name="retire generation")
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def aclose(self) -> None:
        """Retires all; returns when every operation has ended."""
        current, self._current = self._current, None
        if current is not None:
            await current.retire()
        await asyncio.gather(*self._retiring)
