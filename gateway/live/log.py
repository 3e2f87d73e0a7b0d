"""The capped log of each topic, and the one atomic step that logs an event and hands it to the listening pods.

Invariant: within a topic an event id is logged once, and every logged event was published, in log order, to each pod
that was registered for the topic at that moment. Each entry names its predecessor, so a reader sees a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

START = "0-0"

# One script for log and publication: a router that dies halfway would otherwise leave an event logged but never sent.
# KEYS: live:epoch, then log, seen, route per topic. ARGV: event id, event, now ms, cap, log life s, epoch, topics…
_PUBLISH = """
local event_id, event, now, cap, life = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[6]
  redis.call('SET', KEYS[1], epoch)
end
local positions, pods = {}, {}
for i = 1, (#KEYS - 1) / 3 do
  local log, seen, route = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  if not redis.call('ZSCORE', seen, event_id) then
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
    local prev = last[1] and last[1][1] or '0-0'
    local id = redis.call('XADD', log, 'MAXLEN', cap, '*', 'event', event, 'prev', prev)
    redis.call('ZADD', seen, string.match(id, '^(%d+)'), event_id)
    redis.call('ZREMRANGEBYRANK', seen, 0, -(cap + 1))
    redis.call('EXPIRE', log, life)
    redis.call('EXPIRE', seen, life)
    local position = '[' .. cjson.encode(ARGV[6 + i]) .. ',"' .. prev .. '","' .. id .. '"]'
    for _, pod in ipairs(redis.call('ZRANGEBYSCORE', route, now, '+inf')) do
      if not positions[pod] then
        positions[pod] = {}
        table.insert(pods, pod)
      end
      table.insert(positions[pod], position)
    end
  end
end
for _, pod in ipairs(pods) do
  redis.call('PUBLISH', 'pod:' .. pod,
    '{"epoch":"' .. epoch .. '","positions":[' .. table.concat(positions[pod], ',') .. '],"event":' .. event .. '}')
end
return #pods
"""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event at its place in a topic's log. `event` has id, type, time, tenant, traceparent and data; read only."""

    position: str
    previous: str
    event: dict[str, Any]


def precedes(a: str, b: str) -> bool:
    """Whether log position `a` stands before `b`."""
    return _parts(a) < _parts(b)


def _parts(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)


class EventLog:
    """Topic logs in Redis. Every method raises redis.RedisError when Redis cannot be reached."""

    def __init__(self, redis: Redis, *, epoch: str, cap: int = 1000, life_seconds: int = 86_400) -> None:
        """`epoch` names a new, empty Redis; the one found there wins. `cap`: events kept in each topic."""
        self._redis = redis
        self._epoch = epoch
        self._cap = cap
        self._life = life_seconds
        self._publish = redis.register_script(_PUBLISH)

    async def publish(self, topics: Sequence[str], event_id: str, event: bytes, now_ms: int) -> int:
        """Logs the event in each topic that has not seen its id and publishes it once to each listening pod.

        Returns the number of pods told. Idempotent by event id.
        """
        keys = ["live:epoch"]
        for topic in topics:
            keys += [f"log:{topic}", f"seen:{topic}", f"route:{topic}"]
        arguments: list[Any] = [event_id, event, now_ms, self._cap, self._life, self._epoch, *topics]
        return int(await self._publish(keys=keys, args=arguments))

    async def epoch(self) -> str:
        """The identity of the data in Redis: it changes when Redis lost them."""
        await self._redis.set("live:epoch", self._epoch, nx=True)
        return _text(await self._redis.get("live:epoch"))

    async def tails(self, topics: Sequence[str]) -> list[str]:
        """Position of the last event of each topic, `0-0` for an empty log."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for topic in topics:
                pipe.xrevrange(f"log:{topic}", count=1)
            rows = await pipe.execute()
        return [_text(row[0][0]) if row else START for row in rows]

    async def after(self, topic: str, position: str) -> list[LoggedEvent]:
        """All events of the topic behind the position, oldest first."""
        return await self._from(topic, f"({position}")

    async def position_of(self, topic: str, event_id: str) -> str | None:
        """Where an event stands in the topic's log; None when it is no longer (or never was) there."""
        score = await self._redis.zscore(f"seen:{topic}", event_id)
        if score is None:
            return None
        entries = await self._from(topic, f"{int(score)}-0")
        return next((entry.position for entry in entries if entry.event["id"] == event_id), None)

    async def _from(self, topic: str, start: str) -> list[LoggedEvent]:
        rows: Any = await self._redis.xrange(f"log:{topic}", min=start)
        return [_logged(row) for row in rows]


def _logged(row: tuple[Any, dict[Any, Any]]) -> LoggedEvent:
    position, fields = row
    by_name = {_text(name): value for name, value in fields.items()}
    return LoggedEvent(_text(position), _text(by_name["prev"]), orjson.loads(by_name["event"]))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
