"""How much a caller may ask for: by session and by person, and by address for those who are nobody yet.

A request weighs what it makes others do: one point, and one for each call of a subgraph in its plan. While Redis is
away nobody is held back: availability goes before fairness, and sessions fail on their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prometheus_client import Counter
from redis.exceptions import RedisError

from gateway.executor.ports import Caller
from gateway.identity import Member, Stranger
from gateway.settings import GatewaySettings
from kit.errors import DomainError
from kit.redis import Limit, RateLimits
from kit.telemetry import children, logger

_ANSWER_SECONDS = 0.25

_HELD = children(Counter("rate_limited_total", "Requests that a limit held back.", ["limit"]))
_UNCOUNTED = Counter("rate_limit_uncounted_total", "Requests let through because Redis did not count them.")

_log = logger("rate limits")


class RequestLimits:
    """Implements `server.ports.RequestLimiter`."""

    def __init__(self, counts: RateLimits, settings: GatewaySettings) -> None:
        self._counts = counts
        self._session = settings.rate_session_points
        self._person = settings.rate_person_points
        self._address = settings.rate_address_points
        self._away = False

    async def admit(self, caller: Caller, weight: int) -> None:
        """Raises `DomainError` RATE_LIMITED with the `limit` and `retryAfter` (seconds)."""
        limits = self._limits(caller)
        if not limits:
            return
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                held = await self._counts.take(limits, weight)
        except (RedisError, OSError, TimeoutError) as error:
            _UNCOUNTED.inc()
            if not self._away:
                _log.warning("requests are not counted", reason=type(error).__name__)
            self._away = True
            return
        self._away = False
        if held is not None:
            _HELD(held.limit.name).inc()
            message = f"Too many requests: the limit of this {held.limit.name} is {held.limit.points} points a minute."
            raise DomainError.of("RATE_LIMITED", message, limit=held.limit.name, retryAfter=held.retry_after)

    def _limits(self, caller: Caller) -> Sequence[Limit]:
        if isinstance(caller, Member):
            session, person = str(caller.actor.session_id), str(caller.actor.user_id)
            return (Limit("session", session, self._session), Limit("person", person, self._person))
        if isinstance(caller, Stranger) and caller.address is not None:
            return (Limit("address", caller.address, self._address),)
        return ()
