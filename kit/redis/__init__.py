"""Redis: clients with explicit retries, caches, rate limits, and pub/sub that survives a restart of the server."""

from __future__ import annotations

from kit.redis.broadcast import RECONNECTED, RedisBroadcast
from kit.redis.client import redis_client
from kit.redis.rate_limits import Held, Limit, RateLimits
from kit.redis.versioned import Versioned, VersionedCache, caching_client

__all__ = [
    "RECONNECTED",
    "Held",
    "Limit",
    "RateLimits",
    "RedisBroadcast",
    "Versioned",
    "VersionedCache",
    "caching_client",
    "redis_client",
]
