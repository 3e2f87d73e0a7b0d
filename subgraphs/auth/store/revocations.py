"""Owns that a revoked session is gone from the live index before the world hears of it.

A logout takes the live entry away itself; this repeats it for the logout that was killed half-way or could not reach
Redis. While Redis is away those events wait in their documents and all others go out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager

from kit.errors import DomainError
from kit.kafka import Pending, PendingEvents
from kit.telemetry import logger
from proto.events import SessionRevoked
from subgraphs.auth.domain.sessions import SessionId
from subgraphs.auth.service.ports import LiveSessions

_log = logger("auth.revocations")


class RevokedFirst:
    """Implements `kit.kafka.PendingEvents` around the store's own."""

    def __init__(self, inner: PendingEvents, live: LiveSessions) -> None:
        self._inner = inner
        self._live = live

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        return await self._revoked(await self._inner.of(places))

    @asynccontextmanager
    async def left_behind(self, limit: int, older_than_seconds: float) -> AsyncIterator[Sequence[Pending]]:
        async with self._inner.left_behind(limit, older_than_seconds) as found:
            yield await self._revoked(found)

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        await self._inner.mark_sent(events)

    async def oldest_age_seconds(self) -> float:
        return await self._inner.oldest_age_seconds()

    async def _revoked(self, found: Sequence[Pending]) -> Sequence[Pending]:
        ended = [one for one in found if one.event.type == SessionRevoked.TOPIC]
        if not ended:
            return found
        sessions = [SessionId(one.event.payload(SessionRevoked).session_id) for one in ended]
        try:
            await self._live.drop(sessions)
        except DomainError as error:
            _log.warning("revocations wait for the live index", count=len(ended), code=error.code)
            return [one for one in found if one.event.type != SessionRevoked.TOPIC]
        return found
