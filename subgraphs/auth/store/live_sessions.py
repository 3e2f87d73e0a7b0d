"""Owns the live index of sessions in Redis: `session:{sid}`, gone when the session ends. Absence is an answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import orjson
from redis.asyncio import Redis

from kit.clock import Clock
from subgraphs.auth.domain.sessions import Session, SessionId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.store.faults import redis_faults


class RedisLiveSessions:
    """Implements `service.ports.LiveSessions`."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def put(self, session: Session) -> None:
        value = orjson.dumps({"userId": session.user_id, "createdAt": session.created_at})
        with redis_faults():
            await self._redis.set(_key(session.id), value, px=self._rest(session.expires_at))

    async def owner(self, session_id: SessionId) -> UserId | None:
        with redis_faults():
            value = await self._redis.get(_key(session_id))
        return None if value is None else UserId(UUID(orjson.loads(value)["userId"]))

    async def prolong(self, session: Session) -> bool:
        # EXPIRE and not SET: an entry that a logout has just taken away must not come back.
        with redis_faults():
            return bool(await self._redis.pexpire(_key(session.id), self._rest(session.expires_at)))

    async def drop(self, session_ids: Collection[SessionId]) -> None:
        if session_ids:
            with redis_faults():
                await self._redis.delete(*map(_key, session_ids))

    def _rest(self, end: datetime) -> int:
        return max(1, int((end - self._clock.now()).total_seconds() * 1000))


def _key(session_id: SessionId) -> str:
    return f"session:{session_id}"
