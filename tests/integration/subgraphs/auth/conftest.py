"""What the tests of the auth service on real engines share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from kit.clock import MillisecondClock
from kit.identity import public_of
from kit.ids import new_id
from kit.kafka import WakeUp
from kit.redis import redis_client
from subgraphs.auth import app
from subgraphs.auth.app import Engines
from subgraphs.auth.crypto import passwords
from subgraphs.auth.crypto.passwords import HashingOptions
from subgraphs.auth.crypto.tokens import RsaTokens, private_key
from subgraphs.auth.events.published import Published
from subgraphs.auth.schema.context import UseCases
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.store import database
from tests.testkit.auth_process import ACCESS_KEY, GATEWAY_SEED


@dataclass(frozen=True, slots=True)
class Real:
    """The use cases over real engines, and the engines."""

    use: UseCases
    engines: Engines
    redis: Redis


@pytest.fixture
def auth_engines(mongo_url: str, redis_url: str, kafka_bootstrap: str) -> dict[str, str]:
    """The engines as settings."""
    return {
        "TASKFLOW_MONGO_URL": mongo_url,
        "TASKFLOW_REDIS_URL": redis_url,
        "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
    }


@pytest.fixture
async def real(mongo_url: str, mongo_database: str, redis_url: str) -> AsyncIterator[Real]:
    settings = AuthSettings.model_validate(
        {
            "mongo_url": mongo_url,
            "redis_url": redis_url,
            "kafka_bootstrap": "unused:1",
            "internal_trusted_keys": public_of(GATEWAY_SEED),
            "access_signing_key": ACCESS_KEY,
        }
    )
    clock = MillisecondClock()
    encode = Published(clock=clock, new_id=new_id)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_client(redis_url, "test"))
        cheap = HashingOptions(memory_kib=64, passes=1)
        engines = Engines(
            database=await stack.enter_async_context(
                database.opened(mongo_url, encode, WakeUp().committed, mongo_database)
            ),
            redis=redis,
            hasher=await stack.enter_async_context(passwords.opened(cheap, "dummy")),
            tokens=RsaTokens(private_key(ACCESS_KEY), [], new_id),
        )
        yield Real(app.build_use_cases(settings, engines, clock), engines, redis)
