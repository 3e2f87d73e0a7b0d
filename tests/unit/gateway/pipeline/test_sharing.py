"""Equal queries in flight share a run; one that gives up or fails takes nobody with it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.pipeline.answer import Answer
from gateway.pipeline.sharing import SharedRuns


class Work:
    """Something slow that is counted; the first run may fail."""

    def __init__(self, *, fails_once: bool = False) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self._fails = fails_once

    async def __call__(self) -> Answer:
        self.runs += 1
        fails, self._fails = self._fails, False
        await self.gate.wait()
        if fails:
            raise ZeroDivisionError
        return Answer({"run": self.runs})


async def _start(shared: SharedRuns, work: Work, *keys: str) -> list[asyncio.Task[Answer]]:
    tasks = [asyncio.create_task(shared.run(key, work)) for key in keys]
    await asyncio.wait(tasks, timeout=0.01)
    return tasks


async def test_equal_ones_get_the_same_answer_from_one_run() -> None:
    shared, work = SharedRuns(), Work()
    tasks = await _start(shared, work, "a", "a", "b")
    work.gate.set()
    first, second, other = await asyncio.gather(*tasks)
    assert first is second
    assert first is not other
    assert first.encode() is second.encode()
    assert work.runs == 2


async def test_one_after_the_other_shares_nothing() -> None:
    shared, work = SharedRuns(), Work()
    work.gate.set()
    await shared.run("a", work)
    await shared.run("a", work)
    assert work.runs == 2


async def test_when_the_first_gives_up_another_runs() -> None:
    shared, work = SharedRuns(), Work()
    first, second = await _start(shared, work, "a", "a")
    first.cancel()
    work.gate.set()
    assert (await second).data == {"run": 2}
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_waiter_that_gives_up_disturbs_nobody() -> None:
    shared, work = SharedRuns(), Work()
    first, second = await _start(shared, work, "a", "a")
    second.cancel()
    work.gate.set()
    assert (await first).data == {"run": 1}


async def test_a_failure_is_the_first_ones_alone() -> None:
    shared, work = SharedRuns(), Work(fails_once=True)
    first, second = await _start(shared, work, "a", "a")
    work.gate.set()
    assert (await second).data == {"run": 2}
    with pytest.raises(ZeroDivisionError):
        await first
