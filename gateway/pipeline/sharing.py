"""Lets equal queries of one caller that are in flight at the same time share one run and one encoding.

Whoever comes first runs; the others wait for that answer, and run themselves if the first one gives up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from gateway.pipeline.answer import Answer


class SharedRuns:
    """The runs under way, by what makes them equal."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Future[Answer | None]] = {}

    async def run(self, key: Hashable, start: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer under this key. What `start` raises is raised to the one who ran it alone."""
        while (running := self._running.get(key)) is not None:
            answer = await asyncio.shield(running)
            if answer is not None:
                return answer
        mine = self._running[key] = asyncio.get_running_loop().create_future()
        answer = None
        try:
            answer = await start()
            return answer
        finally:
            del self._running[key]
            mine.set_result(answer)
