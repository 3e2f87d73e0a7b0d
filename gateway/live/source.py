"""Feeds subscriptions whose field carries `@live` with events of this pod, as the engine's subscription source."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from redis.exceptions import RedisError

from gateway.executor.ports import Caller
from gateway.live.directive import LiveField, live_field
from gateway.live.listener import EventsLost
from gateway.live.pod import Pod
from gateway.live.subscriptions import Viewer, live_values
from gateway.pipeline.answer import Answer
from gateway.pipeline.ports import ErrorEvent, SourceEvent, SourceRequest, SubscriptionSource, ValueEvent
from kit.errors import DomainError, unavailable

# Answers of the gate that say no; any other error means that the question could not be answered.
_REFUSALS = frozenset({"NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED", "SESSION_ENDED", "TOKEN_EXPIRED", "TOKEN_INVALID"})


class LiveSource:
    """`viewer_of` tells who a caller is; None for an anonymous one. Fields without `@live` go to `otherwise`."""

    def __init__(self, pod: Pod, viewer_of: Callable[[Caller], Viewer | None], otherwise: SubscriptionSource) -> None:
        self._pod = pod
        self._viewer_of = viewer_of
        self._otherwise = otherwise

    async def open(self, request: SourceRequest) -> AsyncGenerator[SourceEvent, None]:
        """Raises DomainError when the caller may not listen, or no longer, or when that cannot be found out."""
        field = live_field(request.definition, request.directives)
        events = self._otherwise.open(request) if field is None else self._live(field, request)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _live(self, field: LiveField, request: SourceRequest) -> AsyncGenerator[SourceEvent, None]:
        viewer = self._viewer_of(request.caller)
        if viewer is None:
            raise DomainError.of("UNAUTHENTICATED", "Log in to listen.")

        async def gate(field: LiveField, variables: Mapping[str, Any]) -> None:
            _judge(await request.run(field.gate, variables))

        try:
            async with aclosing(live_values(self._pod, field, request.arguments, viewer, gate)) as values:
                async for value in values:
                    if isinstance(value, EventsLost):
                        yield ErrorEvent(code="EVENTS_LOST", message="Events may be missing here: read afresh.")
                    else:
                        yield ValueEvent(value=value.value, id=value.event_id, traceparent=value.traceparent)
        except (RedisError, OSError) as error:
            raise unavailable("Live updates are not to be had at the moment.") from error


def _judge(answer: Answer) -> None:
    content = orjson.loads(answer.encode())
    errors = content.get("errors") or ()
    for error in errors:
        code = error.get("extensions", {}).get("code")
        if code in _REFUSALS:
            raise DomainError.of(code, error["message"])
    if errors:
        raise unavailable("Whether you may listen could not be found out.")
    data = content.get("data")
    if not data or None in data.values():
        raise DomainError.of("NOT_FOUND", "There is no such thing.")
