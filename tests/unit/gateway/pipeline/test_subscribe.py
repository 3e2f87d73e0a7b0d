"""Steps through a source that ends, fails or is given up, at the same moment or one after the other."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from gateway.pipeline.ports import SourceEvent, ValueEvent
from gateway.pipeline.subscribe import next_event


async def _events(go: asyncio.Event, failure: Exception | None = None) -> AsyncGenerator[SourceEvent, None]:
    await go.wait()
    if failure is not None:
        raise failure
    yield ValueEvent(value=1)


def _never() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


async def test_an_event_then_the_end() -> None:
    go = asyncio.Event()
    go.set()
    events, end = _events(go), _never()
    assert await next_event(events, end) == ValueEvent(value=1)
    assert await next_event(events, end) is None


async def test_the_end_of_the_stream_withdraws_from_the_source() -> None:
    events, end = _events(asyncio.Event()), _never()
    end.set_result(None)
    assert await next_event(events, end) is None
    assert await next_event(events, _never()) is None  # the generator is closed


async def test_a_failure_is_raised() -> None:
    go = asyncio.Event()
    go.set()
    with pytest.raises(ZeroDivisionError):
        await next_event(_events(go, ZeroDivisionError()), _never())


def test_a_source_that_fails_while_it_is_given_up_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def fails_when_left() -> AsyncGenerator[SourceEvent, None]:
        try:
            await _never()
        except asyncio.CancelledError:
            raise ZeroDivisionError from None
        yield ValueEvent(value=1)

    async def give_up() -> None:
        reader = asyncio.create_task(next_event(fails_when_left(), _never()))
        await asyncio.wait([reader], timeout=0.01)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)

    asyncio.run(give_up())
    gc.collect()
    assert "never retrieved" not in caplog.text
