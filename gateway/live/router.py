"""The router process (`python -m gateway.live.router`): Kafka in, one message per listening pod out.

It has no database: the topic's log in Redis knows which events it has seen, so a redelivered event has no effect.
Offsets are committed only after the event is logged; while Redis is down, events wait in Kafka.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson

from gateway.live.log import EventLog
from gateway.live.topics import EVENT_TYPES, topics_of
from kit.clock import Clock, SystemClock
from kit.errors import DomainError
from kit.kafka import Consumer, ConsumerOptions, DeliveryOptions, Envelope, publisher
from kit.lifecycle import Process, Service, run
from kit.redis import redis_client
from kit.settings import KafkaSettings, RedisSettings, load

GROUP = "router"


class RouterSettings(KafkaSettings, RedisSettings):
    """What the router needs."""


class Router:
    """Sends an event to every topic that it belongs to."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def route(self, envelope: Envelope) -> None:
        """Idempotent. Raises DomainError EVENT_MALFORMED for data without the ids that their schema requires."""
        try:
            topics = topics_of(envelope.type, orjson.loads(envelope.data))
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise DomainError.of("EVENT_MALFORMED", f"The event cannot be routed: {error!r}") from error
        now_ms = int(self._clock.now().timestamp() * 1000)
        await self._log.publish(topics, str(envelope.id), _message(envelope), now_ms)


def _message(envelope: Envelope) -> bytes:
    event: dict[str, Any] = {
        "id": envelope.id,
        "type": envelope.type,
        "time": envelope.time,
        "tenant": envelope.tenant,
        "traceparent": envelope.traceparent,
        "data": orjson.Fragment(envelope.data),
    }
    return orjson.dumps(event)


async def start(process: Process, settings: RouterSettings) -> None:
    """Opens the parts and begins to consume."""
    redis = await process.enter("redis", lambda: redis_client(settings.redis_url, "router"))
    sender = await process.enter("kafka", lambda: publisher(settings.kafka_bootstrap, (), "router"))
    router = Router(EventLog(redis, epoch=str(uuid4())), SystemClock())
    # Late is better than lost, and order per key must hold: an outage of Redis is waited out.
    options = ConsumerOptions(delivery=DeliveryOptions(outage_seconds=None, longest_pause_seconds=1.0))
    handlers = dict.fromkeys(EVENT_TYPES, router.route)
    consumer = Consumer(settings.kafka_bootstrap, GROUP, handlers, sender, options=options)
    process.health.add("redis", redis.ping)
    await process.spawn("consumer", consumer.run)


def main() -> None:
    """Runs the router until SIGTERM."""
    settings = load(RouterSettings)
    run(Service("router", settings, lambda process: start(process, settings)))


if __name__ == "__main__":
    main()
