"""One gateway process as a receiver of events: its channel, its registrations, its local fan-out.

Invariant: a listener gets every event logged after it was attached, once and in log order, or `EventsLost`.
Redis pub/sub may lose messages (a dropped connection, a restart), so a message is only a hint: it names its
predecessor in the log, holes are read from there, and a slow tick looks for holes at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import orjson
from redis.exceptions import RedisError

from gateway.live.listener import Delivery, EventsLost, Listener
from gateway.live.log import START, EventLog, LoggedEvent, precedes
from gateway.live.routes import RouteTable
from kit.clock import Clock
from kit.redis import RECONNECTED
from kit.telemetry import logger

_log = logger("live")
_REMEMBERED = 512


@dataclass(slots=True, eq=False)
class _Topic:
    name: str
    last: str = START
    listeners: set[Listener] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # After a loss of Redis the router may log an event again under a new position.
    seen: dict[str, None] = field(default_factory=dict)

    def deliver(self, logged: LoggedEvent) -> None:
        self.last = logged.position
        event_id = logged.event["id"]
        if event_id in self.seen:
            return
        self.seen[event_id] = None
        if len(self.seen) > _REMEMBERED:
            del self.seen[next(iter(self.seen))]
        delivery = Delivery(self.name, logged.event)
        for listener in self.listeners:
            listener.offer(delivery)

    def lose(self) -> None:
        for listener in self.listeners:
            listener.offer(EventsLost(self.name))


class Pod:
    """Local end of the targeted routing. `run` must be running for anything to be delivered."""

    def __init__(self, log: EventLog, routes: RouteTable, clock: Clock, *, tick_seconds: float = 3.0) -> None:
        self._log = log
        self._routes = routes
        self._clock = clock
        self._tick_seconds = tick_seconds
        self._topics: dict[str, _Topic] = {}
        self._epoch = ""

    @property
    def topics(self) -> frozenset[str]:
        """Topics that somebody listens to here."""
        return frozenset(name for name, topic in self._topics.items() if topic.listeners)

    async def run(self, messages: AsyncIterator[str]) -> None:
        """Reads the pod's own channel and keeps the registrations alive; ends with the channel or by cancellation."""
        ticking = asyncio.create_task(self._tick_forever())
        try:
            async for message in messages:
                try:
                    await (self.catch_up() if message == RECONNECTED else self._receive(message))
                except (RedisError, OSError) as error:
                    _log.warning("live.hole_not_read", error=str(error))  # the tick reads it
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)

    async def attach(self, listener: Listener, name: str, *, after: str | None = None) -> None:
        """Adds a listener to a topic, filling the gap behind the event id `after` from the log first.

        An event id that the log no longer has makes the first item `EventsLost`. Raises RedisError when Redis cannot be
        reached; the listener is then not attached.
        """
        while True:
            topic = self._topics.get(name)
            if topic is None:
                topic = self._topics[name] = _Topic(name)
                async with topic.lock:
                    await self._open(topic)
            async with topic.lock:
                if self._topics.get(name) is not topic:
                    continue  # closed while this call waited
                topic.listeners.add(listener)
                try:
                    if after is not None:
                        await self._replay(listener, topic, after)
                except BaseException:
                    topic.listeners.discard(listener)
                    raise
                return

    async def detach(self, listener: Listener) -> None:
        """Takes the listener out of all its topics and ends the registrations that nobody needs any more."""
        idle = []
        for topic in list(self._topics.values()):
            topic.listeners.discard(listener)
            if not topic.listeners and not topic.lock.locked():
                del self._topics[topic.name]
                idle.append(topic.name)
        if idle:
            try:
                await self._routes.withdraw(idle)
            except (RedisError, OSError) as error:
                _log.info("live.registration_left_to_expire", topics=idle, error=str(error))

    async def catch_up(self) -> None:
        """Prolongs all registrations and reads from the logs what no message told of."""
        names = list(self._topics)
        if not names:
            return
        await self._routes.register(names, self._now_ms())
        await self._adopt_epoch(await self._log.epoch())
        for name, tail in zip(names, await self._log.tails(names), strict=True):
            topic = self._topics.get(name)
            if topic is not None and precedes(topic.last, tail):
                async with topic.lock:
                    await self._fill(topic)

    async def _tick_forever(self) -> None:
        while True:
            try:
                await self.catch_up()
            except (RedisError, OSError) as error:
                _log.warning("live.catch_up_failed", error=str(error))
            await asyncio.sleep(self._tick_seconds)

    async def _open(self, topic: _Topic) -> None:
        try:
            # Registered first: an event between the two steps is then behind the tail and dropped as known.
            await self._routes.register([topic.name], self._now_ms())
            if not self._epoch:
                self._epoch = await self._log.epoch()
            topic.last = (await self._log.tails([topic.name]))[0]
        except BaseException:
            del self._topics[topic.name]
            raise

    async def _replay(self, listener: Listener, topic: _Topic, after: str) -> None:
        position = await self._log.position_of(topic.name, after)
        if position is None:
            listener.offer(EventsLost(topic.name))
            return
        for logged in await self._log.after(topic.name, position):
            if not precedes(topic.last, logged.position):
                listener.offer(Delivery(topic.name, logged.event), replay=True)

    async def _receive(self, text: str) -> None:
        message = orjson.loads(text)
        await self._adopt_epoch(message["epoch"])
        for name, previous, position in message["positions"]:
            topic = self._topics.get(name)
            if topic is None:
                continue
            async with topic.lock:
                if not precedes(topic.last, position):
                    continue
                if previous == topic.last:
                    topic.deliver(LoggedEvent(position, previous, message["event"]))
                else:
                    await self._fill(topic)

    async def _fill(self, topic: _Topic) -> None:
        last = topic.last
        logged = await self._log.after(topic.name, last)
        if logged and logged[0].previous not in (last, START):
            topic.lose()  # the cap pushed out what followed `last`
        for entry in logged:
            topic.deliver(entry)

    async def _adopt_epoch(self, epoch: str) -> None:
        if epoch == self._epoch:
            return
        known, self._epoch = self._epoch, epoch
        if not known:
            return
        _log.warning("live.log_lost", topics=len(self._topics))
        for topic in list(self._topics.values()):
            async with topic.lock:
                topic.lose()
                topic.last = START
        await self._routes.register(list(self._topics), self._now_ms())

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
