"""A cache of entities by version: never older than what a writer answered, and never in the way.

A writer marks the keys before its commit and publishes the new entities after it; a marked key is neither read nor
filled, and a filling never replaces a newer version, so a reader that was slow between the database and here puts
nothing old back. A mark belongs to its writer: another writer's publishing leaves it. When Redis cannot be reached
nothing fails: readers go to the database, and a writer that could not publish drops its keys as soon as Redis answers;
until then its process reads nothing from here. What another process may still see of such a key is at most `life` old.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kit.errors import DomainError
from kit.resilience import CircuitBreaker
from kit.telemetry import logger

LIFE_SECONDS = 60
_ANSWER_SECONDS = 0.25

# KEYS[1]; ARGV: version, body, life in ms, the writer's mark or ''.
_PUT = """
local known = redis.call('GET', KEYS[1])
if known then
  if string.sub(known, 1, 1) == '!' then
    if ARGV[4] == '' or known ~= '!' .. ARGV[4] then return 0 end
  elseif tonumber(string.match(known, '^%d+')) >= tonumber(ARGV[1]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1
"""

_log = logger("redis.versioned")


@dataclass(frozen=True, slots=True)
class Versioned:
    """An entity as it is cached."""

    version: int
    body: bytes


def caching_client(url: str, name: str) -> Redis:
    """A client that gives up at once: what it asks for can be had elsewhere."""
    return Redis.from_url(
        url,
        client_name=name,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
    )


class VersionedCache:
    """Entities of one kind; every failure of Redis is an absent entry."""

    def __init__(self, client: Redis, prefix: str, *, life_seconds: float = LIFE_SECONDS) -> None:
        self._client = client
        self._prefix = prefix
        self._life_ms = int(life_seconds * 1000)
        self._put = client.register_script(_PUT)
        self._breaker = CircuitBreaker(f"redis cache {prefix}")
        self._unpublished: set[str] = set()

    async def get(self, keys: Sequence[str]) -> dict[str, Versioned]:
        """What is known of the keys."""
        if not keys or self._unpublished:
            return {}
        try:
            with self._breaker.guard():
                values: list[Any] = await self._client.mget([self._prefix + key for key in keys])
        except (RedisError, OSError, DomainError):
            return {}
        return {key: _read(value) for key, value in zip(keys, values, strict=True) if value and value[:1] != b"!"}

    async def offer(self, entities: Mapping[str, Versioned]) -> None:
        """Keeps what was read from the database, unless something newer is there or being written."""
        if self._unpublished:
            return
        await self._put_all(entities, "")

    async def mark(self, keys: Iterable[str]) -> str:
        """Before a commit: nobody reads or fills the keys until they are published. Answers the writer's mark."""
        mark = secrets.token_hex(8)
        try:
            with self._breaker.guard():
                async with self._client.pipeline(transaction=False) as pipeline:
                    for key in keys:
                        pipeline.set(self._prefix + key, f"!{mark}", px=self._life_ms)
                    await pipeline.execute()
        except (RedisError, OSError, DomainError):
            self._unpublished.update(keys)
        return mark

    async def publish(self, mark: str, entities: Mapping[str, Versioned | None]) -> None:
        """After the commit: what the keys are now; None forgets one."""
        known = {key: entity for key, entity in entities.items() if entity is not None}
        if self._unpublished.isdisjoint(entities) and await self._put_all(known, mark):
            return  # a key that is forgotten keeps its mark until that ends by itself
        self._unpublished.update(entities)

    async def _put_all(self, entities: Mapping[str, Versioned], mark: str) -> bool:
        try:
            with self._breaker.guard():
                async with self._client.pipeline(transaction=False) as pipeline:
                    for key, entity in entities.items():
                        values: list[str | bytes | int] = [str(entity.version), entity.body, self._life_ms, mark]
                        await self._put(keys=[self._prefix + key], args=values, client=pipeline)
                    await pipeline.execute()
        except (RedisError, OSError, DomainError):
            return False
        return True

    async def run(self, pause_seconds: float = 0.5) -> None:
        """Drops what could not be published as soon as Redis answers again; runs until cancelled."""
        while True:
            await asyncio.sleep(pause_seconds)
            await self.recover()

    async def recover(self) -> None:
        """One attempt to drop what could not be published."""
        keys = set(self._unpublished)
        if not keys:
            return
        try:
            await self._client.delete(*[self._prefix + key for key in keys])
        except (RedisError, OSError):
            return
        self._unpublished -= keys
        _log.info("the cache is back", dropped=len(keys))


def _read(value: bytes) -> Versioned:
    version, _, body = value.partition(b":")
    return Versioned(int(version), body)
