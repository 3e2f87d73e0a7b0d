"""The backend that `broadcaster` uses here: Redis pub/sub that reconnects, resubscribes, and says that it did.

Pub/sub delivers at most once: what was published while the connection was down is gone. So after a reconnection each
channel gets one message `RECONNECTED`, and whoever must not miss anything reads its log.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from kit.redis.client import listening_client
from kit.resilience.retry import backoff
from kit.telemetry import logger

RECONNECTED: Final = ""
"""The message that stands for a gap; nobody publishes an empty one."""

_log = logger("redis.broadcast")


class RedisBroadcast(BroadcastBackend):
    """`Broadcast(backend=RedisBroadcast(url, name))`."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._channels: set[str] = set()
        self._pending: list[Event] = []
        self._some_channel = asyncio.Event()
        self._client: Redis | None = None
        self._pubsub: PubSub | None = None

    async def connect(self) -> None:
        """Raises `redis.RedisError` when nobody answers."""
        self._client = listening_client(self._url, self._name)
        await self._client.ping()
        self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)

    async def disconnect(self) -> None:
        await self._drop()
        if self._client is not None:
            await self._client.aclose()

    async def subscribe(self, group: str) -> None:
        self._channels.add(group)
        if self._pubsub is not None:
            try:
                await self._pubsub.subscribe(group)
            except (RedisError, OSError):
                await self._drop()  # the reader subscribes to all channels when it reconnects
        self._some_channel.set()

    async def unsubscribe(self, group: str) -> None:
        self._channels.discard(group)
        if not self._channels:
            self._some_channel.clear()
        if self._pubsub is not None:
            try:
                await self._pubsub.unsubscribe(group)
            except (RedisError, OSError):
                await self._drop()

    async def publish(self, channel: str, message: Any) -> None:
        """Raises `redis.RedisError`."""
        if self._client is None:
            raise RuntimeError("publish before connect")
        await self._client.publish(channel, message)

    async def next_published(self) -> Event:
        """The next message; waits through any outage of Redis."""
        attempt = 1
        while True:
            if self._pending:
                return self._pending.pop(0)
            await self._some_channel.wait()
            try:
                if self._pubsub is None:
                    await self._reconnect()
                elif (message := await self._message()) is not None:
                    return message
                attempt = 1
            except (RedisError, OSError) as error:
                if attempt == 1:
                    _log.warning("connection lost", reason=str(error))
                await self._drop()
                await asyncio.sleep(backoff(attempt, first=0.05, longest=1.0))
                attempt += 1

    async def _message(self) -> Event | None:
        pubsub = self._pubsub
        if pubsub is None:
            return None
        message = await pubsub.get_message(timeout=None)
        return Event(message["channel"].decode(), message["data"].decode()) if message else None

    async def _reconnect(self) -> None:
        if self._client is None:
            raise RuntimeError("read before connect")
        pubsub = self._client.pubsub(ignore_subscribe_messages=True)
        channels = sorted(self._channels)
        if channels:
            await pubsub.subscribe(*channels)
        self._pubsub = pubsub
        _log.info("connection is back", channels=len(channels))
        self._pending += [Event(channel, RECONNECTED) for channel in channels]

    async def _drop(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
