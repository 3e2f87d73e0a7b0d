"""Redis: clients with explicit retries, and the pub/sub backend that survives a restart of the server."""

from __future__ import annotations

from kit.redis.broadcast import RECONNECTED, RedisBroadcast
from kit.redis.client import redis_client
from kit.redis.versioned import Versioned, VersionedCache, caching_client

__all__ = ["RECONNECTED", "RedisBroadcast", "Versioned", "VersionedCache", "caching_client", "redis_client"]
