"""Which pod listens to which topic: a sorted set per topic, pod → time at which its registration ends."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis


class RouteTable:
    """Registrations of one pod. Every method raises redis.RedisError when Redis cannot be reached."""

    def __init__(self, redis: Redis, pod_id: str, *, life_ms: int = 15_000) -> None:
        self._redis = redis
        self._pod_id = pod_id
        self._life_ms = life_ms

    async def register(self, topics: Sequence[str], now_ms: int) -> None:
        """Makes or prolongs the pod's registration; drops those of other pods that ran out."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for topic in topics:
                key = f"route:{topic}"
                pipe.zadd(key, {self._pod_id: now_ms + self._life_ms})
                pipe.zremrangebyscore(key, "-inf", f"({now_ms}")
                pipe.pexpire(key, 2 * self._life_ms)
            await pipe.execute()

    async def withdraw(self, topics: Sequence[str]) -> None:
        """Ends the registrations at once."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for topic in topics:
                pipe.zrem(f"route:{topic}", self._pod_id)
            await pipe.execute()
