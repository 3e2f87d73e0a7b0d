"""The source of subscriptions that a subgraph feeds itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from gateway.executor.ports import SubgraphStreamClient
from gateway.pipeline.ports import ReplyEvent, SourceEvent, SourceRequest


class Passthrough:
    """Hands the subgraph's responses on as events."""

    def __init__(self, streams: SubgraphStreamClient) -> None:
        self._streams = streams

    async def open(self, request: SourceRequest) -> AsyncGenerator[SourceEvent, None]:
        async with aclosing(self._streams.stream(request.call)) as replies:
            async for reply in replies:
                yield ReplyEvent(data=reply.data, errors=reply.errors)
