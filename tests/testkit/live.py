"""Pods on a real Redis for tests of the live layer, with a channel that can be made to lose messages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from redis.asyncio import Redis

from gateway.live.listener import Delivery, Listener
from gateway.live.log import EventLog
from gateway.live.pod import Pod
from gateway.live.routes import RouteTable
from kit.clock import SystemClock


def event(number: int | str, kind: str) -> bytes:
    return orjson.dumps({"id": str(number), "type": kind, "data": {"n": number}})


class LossyChannel:
    """The pod's pub/sub channel with a switch that loses messages, as a dropped connection does."""

    def __init__(self, redis: Redis, pod_id: str) -> None:
        self._redis = redis
        self._name = f"pod:{pod_id}"
        self.loses = False

    async def messages(self, ready: asyncio.Event) -> AsyncIterator[str]:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(self._name)
            async for message in pubsub.listen():
                if message["type"] == "subscribe":
                    ready.set()
                elif not self.loses:
                    yield message["data"].decode()


@dataclass(frozen=True, slots=True)
class Running:
    """A pod and the channel it reads."""

    pod: Pod
    channel: LossyChannel


class LiveBench:
    """One topic of its own in a shared Redis."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.log = EventLog(redis, epoch="e1", cap=10)
        self.topic = f"project:{uuid4()}"

    async def publish(self, *numbers: int | str, topics: list[str] | None = None, kind: str = "task.created") -> None:
        for number in numbers:
            now = int(SystemClock().now().timestamp() * 1000)
            await self.log.publish(topics or [self.topic], str(number), event(number, kind), now)

    @contextlib.asynccontextmanager
    async def pod(self, *, tick_seconds: float = 60) -> AsyncIterator[Running]:
        pod_id = str(uuid4())
        pod = Pod(self.log, RouteTable(self.redis, pod_id), SystemClock(), tick_seconds=tick_seconds)
        channel = LossyChannel(self.redis, pod_id)
        ready = asyncio.Event()
        task = asyncio.create_task(pod.run(channel.messages(ready)))
        await ready.wait()

        try:
            yield Running(pod, channel)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def read(listener: Listener, count: int) -> list[Any]:
    items = [await asyncio.wait_for(listener.next(), 5) for _ in range(count)]
    return [item.event["id"] if isinstance(item, Delivery) else "lost" for item in items]
