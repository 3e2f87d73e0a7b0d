"""Waiting for what a test can observe, in place of sleeping for a time that is hoped to be enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(condition: Callable[[], bool], *, within_seconds: float = 5) -> None:
    """Returns once the condition holds. Raises TimeoutError."""
    async with asyncio.timeout(within_seconds):
        while not condition():  # noqa: ASYNC110 (the condition may be about another process: nobody sets an event)
            await asyncio.sleep(0.002)
