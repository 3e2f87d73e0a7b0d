"""Limits are counted once for all processes, all together or not at all, and points come back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from kit.ids import new_id
from kit.redis import Held, Limit, RateLimits, redis_client


async def opened(stack: AsyncExitStack, url: str, count: int = 1) -> list[RateLimits]:
    return [RateLimits(await stack.enter_async_context(redis_client(url, "test"))) for _ in range(count)]


def limit(points: int, seconds: float = 3600.0, name: str = "session") -> Limit:
    return Limit(name, new_id().hex, points, seconds)


async def test_processes_that_ask_at_once_are_granted_no_more_than_there_is(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        processes = await opened(stack, redis_url, 3)
        one = limit(10)
        asked = await asyncio.gather(*(process.take([one]) for process in processes for _ in range(20)))
    assert sum(held is None for held in asked) == 10


async def test_a_weight_counts_as_so_many_and_what_is_too_heavy_takes_all(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        (counts,) = await opened(stack, redis_url)
        one, other = limit(10), limit(10)
        assert await counts.take([one], 6) is None
        assert await counts.take([one], 6) is not None
        assert await counts.take([one], 4) is None
        assert await counts.take([other], 500) is None
        assert await counts.take([other]) is not None


async def test_what_one_limit_holds_back_costs_the_others_nothing(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        (counts,) = await opened(stack, redis_url)
        wide, narrow = limit(10, name="person"), limit(1)
        assert await counts.take([wide, narrow]) is None
        for _ in range(20):
            held = await counts.take([wide, narrow])
            assert held is not None
            assert held.limit == narrow
        assert [await counts.take([wide]) for _ in range(9)] == [None] * 9


async def test_points_come_back_when_it_was_said(redis_url: str) -> None:
    async with AsyncExitStack() as stack:
        (counts,) = await opened(stack, redis_url)
        one = limit(2, seconds=1.0)
        assert [await counts.take([one]) for _ in range(2)] == [None, None]
        held = await counts.take([one])
        assert isinstance(held, Held)
        assert 0 < held.seconds <= 0.5
        assert held.retry_after == 1
        async with asyncio.timeout(10):
            while await counts.take([one]) is not None:  # noqa: ASYNC110 (time passes in Redis)
                await asyncio.sleep(0.02)
