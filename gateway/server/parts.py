"""Sends an answer in parts over HTTP: `multipart/mixed`, incremental delivery as of 2022-08-24.

Every chunk ends with a boundary, since clients take a part for complete when they see the next boundary. Invariant:
when the client leaves, what is under way for it is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.types import Receive, Send

from gateway.pipeline.answer import Answer
from gateway.server.negotiation import DEFER_VERSION

_HEADERS = [
    (b"content-type", f'multipart/mixed;boundary="-";deferSpec={DEFER_VERSION}'.encode()),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # proxies of the nginx kind would hold parts back
]
_HEAD = b"content-type: application/json; charset=utf-8\r\n\r\n"


async def send_parts(first: Answer, rest: AsyncGenerator[Answer, None], receive: Receive, send: Send) -> None:
    """Sends the first answer and those that follow, each when it is there."""
    left = asyncio.ensure_future(_left(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _send(send, b"\r\n---\r\n", first)
        if not first.has_next:
            return
        async with aclosing(rest):
            while (answer := await _next(rest, left)) is not None:
                await _send(send, b"", answer)
    finally:
        left.cancel()


async def _send(send: Send, before: bytes, answer: Answer) -> None:
    end = b"\r\n---\r\n" if answer.has_next else b"\r\n-----\r\n"
    body = before + _HEAD + answer.encode() + end
    await send({"type": "http.response.body", "body": body, "more_body": bool(answer.has_next)})


async def _next(answers: AsyncGenerator[Answer, None], left: asyncio.Future[None]) -> Answer | None:
    """The next answer; None at the end or when the client has left."""
    step = asyncio.ensure_future(anext(answers, None))
    awaited: set[asyncio.Future[Any]] = {step, left}
    try:
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        return step.result() if step.done() else None
    finally:
        if not step.done():
            step.cancel()
            await asyncio.wait({step})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
