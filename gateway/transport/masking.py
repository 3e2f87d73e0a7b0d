"""Keeps what subgraphs say of their errors inside: clients learn where and in which subgraph something failed, the logs
what it was.

Invariant: nothing of a subgraph's error but its path leaves here; the number and the order of errors stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson

from gateway.executor.ports import (
    StreamedReply,
    SubgraphCall,
    SubgraphClient,
    SubgraphReply,
    SubgraphStreamClient,
)
from kit.telemetry import logger, trace_id

MASKED = "The subgraph reported an error."
LOGGED = 10  # errors of one reply that are logged; the number of the rest is

Reply = asyncio.Future[SubgraphReply]


class MaskedSubgraphs:
    """A client whose replies tell nothing of errors."""

    def __init__(self, client: SubgraphClient) -> None:
        self._client = client

    def send(self, call: SubgraphCall) -> Reply:
        inner = self._client.send(call)
        trace = trace_id()
        outcome: Reply = inner.get_loop().create_future()

        def settle(reply: Reply) -> None:
            if reply.cancelled():
                outcome.cancel()
            elif outcome.done():
                reply.exception()  # seen, though nobody waits any more
            elif (failure := reply.exception()) is not None:
                outcome.set_exception(failure)
            else:
                outcome.set_result(_masked_reply(call.service, reply.result(), trace))

        inner.add_done_callback(settle)
        outcome.add_done_callback(lambda given_up: inner.cancel() if given_up.cancelled() else None)
        return outcome


class MaskedStreams:
    """Streams whose replies tell nothing of errors."""

    def __init__(self, streams: SubgraphStreamClient) -> None:
        self._streams = streams

    async def stream(self, call: SubgraphCall) -> AsyncGenerator[StreamedReply, None]:
        async with aclosing(self._streams.stream(call)) as replies:
            async for reply in replies:
                errors = _masked(call.service, reply.errors, trace_id()) if reply.errors else ()
                yield StreamedReply(data=reply.data, errors=tuple(errors))


def _masked_reply(service: str, reply: SubgraphReply, trace: str | None) -> SubgraphReply:
    """The reply itself unless it has errors; what is no GraphQL response is the executor's to judge."""
    if b'"errors"' not in reply.body:
        return reply
    try:
        content = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return reply
    errors = content.get("errors") if isinstance(content, dict) else None
    if not isinstance(errors, list) or not errors:
        return reply
    body = orjson.dumps({**content, "errors": _masked(service, errors, trace)})
    return SubgraphReply(reply.status, body)


def _masked(service: str, errors: list[Any] | tuple[Any, ...], trace: str | None) -> list[dict[str, Any]]:
    log = logger("subgraphs")
    for error in errors[:LOGGED]:
        log.warning("a subgraph reported an error", service=service, error=error, trace_id=trace)
    if len(errors) > LOGGED:
        log.warning("a subgraph reported more errors", service=service, more=len(errors) - LOGGED, trace_id=trace)
    return [_mask(error, trace) for error in errors]


def _mask(error: Any, trace: str | None) -> dict[str, Any]:
    masked: dict[str, Any] = {"message": MASKED}
    path = error.get("path") if isinstance(error, dict) else None
    if path is not None:
        masked["path"] = path
    if trace is not None:
        masked["extensions"] = {"traceId": trace}
    return masked
