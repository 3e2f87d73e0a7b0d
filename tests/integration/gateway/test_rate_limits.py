"""Who is held back by which limit, and that nobody is while Redis is away."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.executor.ports import Caller
from gateway.identity import Member, Proof, Stranger
from gateway.rate_limits import RequestLimits
from gateway.settings import GatewaySettings
from kit.errors import DomainError
from kit.identity import Actor, InternalTokens, new_seed
from kit.ids import new_id
from kit.redis import RateLimits, redis_client
from scripts.engines.run import EngineSet

TOKENS = InternalTokens(new_seed(), "gateway")


def settings(**points: int) -> GatewaySettings:
    given: dict[str, Any] = {f"rate_{name}_points": count for name, count in points.items()}
    return GatewaySettings.model_construct(
        **{"rate_session_points": 100, "rate_person_points": 100, "rate_address_points": 100, **given}
    )


def member(person: Any = None) -> Member:
    actor = Actor(user_id=person or new_id(), session_id=new_id(), workspaces={})
    return Member("token", Proof(actor, 0.0), TOKENS, "10.0.0.1")


async def refused(limits: RequestLimits, caller: Caller, weight: int = 1) -> DomainError | None:
    try:
        await limits.admit(caller, weight)
    except DomainError as error:
        return error
    return None


async def test_a_session_a_person_and_an_address_have_limits_of_their_own(redis_url: str) -> None:
    async with redis_client(redis_url, "test") as redis:
        limits = RequestLimits(RateLimits(redis), settings(session=3, person=5, address=2))
        person = new_id()
        one, other = member(person), member(person)
        assert await refused(limits, one, 3) is None
        held = await refused(limits, one)
        assert held is not None
        assert (held.code, held.fields["limit"]) == ("RATE_LIMITED", "session")
        assert held.fields["retryAfter"] >= 1
        assert await refused(limits, other, 2) is None
        by_person = await refused(limits, other)
        assert by_person is not None
        assert by_person.fields["limit"] == "person"
        assert await refused(limits, member()) is None

        address = new_id().hex
        assert [await refused(limits, Stranger(TOKENS, address)) for _ in range(2)] == [None, None]
        by_address = await refused(limits, Stranger(TOKENS, address))
        assert by_address is not None
        assert by_address.fields["limit"] == "address"
        assert await refused(limits, Stranger(TOKENS, None), 1000) is None


async def test_while_redis_is_away_nobody_is_held_back(private_engines: EngineSet) -> None:
    server = private_engines.server("redis")
    server.start()
    url = private_engines.environment("redis")["TASKFLOW_REDIS_URL"]
    async with redis_client(url, "test") as redis:
        limits = RequestLimits(RateLimits(redis), settings(session=1))
        caller = member()
        assert await refused(limits, caller) is None
        server.kill()
        assert await refused(limits, caller, 50) is None
        server.restart()
        async with asyncio.timeout(30):
            while await refused(limits, caller) is None:  # it counts again as soon as the connection is back
                pass
