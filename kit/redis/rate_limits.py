"""Owns how much somebody may ask for in a time, counted in Redis for all processes together.

The algorithm is GCRA (ITU-T I.371): a limit remembers one moment, up to which what was taken is paid for. Several
limits are asked at once in one atomic step: all of them grant, or none has counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

# KEYS: one for each limit. ARGV: the weight, then for each limit the milliseconds that a point takes to come back and
# how many points can be had at once. Answers 0 when all grant, else the number of the limit that holds back longest and
# the milliseconds until it would grant.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local paid, denied, wait = {}, 0, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local weight = math.min(tonumber(ARGV[1]), burst)
  local until_now = math.max(tonumber(redis.call('GET', key) or '0'), now)
  paid[i] = until_now + weight * interval
  local early = paid[i] - burst * interval - now
  if early > 0.5 and early > wait then denied, wait = i, early end
end
if denied > 0 then return {denied, math.ceil(wait)} end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', paid[i]), 'PX', math.ceil(paid[i] - now) + 1)
end
return {0, 0}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """`points` come back in `seconds`, and as many can be had at once; `key` says whose they are."""

    name: str
    key: str
    points: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Held:
    """The limit that does not grant now, and in how many seconds it would."""

    limit: Limit
    seconds: float

    @property
    def retry_after(self) -> int:
        """Whole seconds, as the header of that name has them."""
        return max(1, math.ceil(self.seconds))


class RateLimits:
    """Counts in one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)

    async def take(self, limits: Sequence[Limit], weight: int = 1) -> Held | None:
        """None when every limit grants `weight` points; what weighs more than all of a limit's takes all of them.

        Raises `redis.RedisError`.
        """
        numbers = [number for limit in limits for number in (1000 * limit.seconds / limit.points, limit.points)]
        denied, wait = await self._take(keys=[f"rate:{one.name}:{one.key}" for one in limits], args=[weight, *numbers])
        return Held(limits[denied - 1], wait / 1000) if denied else None
