"""MongoDB and Redis keep what the ports promise, under failure too."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from kit.clock import SystemClock
from kit.errors import DomainError
from kit.ids import new_id
from kit.kafka import WakeUp
from kit.redis import redis_client
from subgraphs.auth.domain.happenings import UserRegistered
from subgraphs.auth.events.published import Published
from subgraphs.auth.service.ports import Stores
from subgraphs.auth.store import database as mongo
from subgraphs.auth.store.attempts import AttemptLimits, RedisAttempts
from subgraphs.auth.store.database import MongoDatabase
from subgraphs.auth.store.live_sessions import RedisLiveSessions
from tests.testkit.auth_ports import AttemptsSuite, DatabaseSuite, LiveSessionsSuite, a_session, a_user
from tests.testkit.auth_process import free_port
from tests.testkit.proxy import link

ENCODE = Published(clock=SystemClock(), new_id=new_id)
LIMITS = AttemptLimits(account=5, pair=2, address=8, registrations=2, invitations=2, taken=1, mails=2, mails_address=3)


@pytest.fixture
def wake_up() -> WakeUp:
    return WakeUp()


@pytest.fixture
async def database(mongo_url: str, mongo_database: str, wake_up: WakeUp) -> AsyncIterator[MongoDatabase]:
    async with mongo.opened(mongo_url, ENCODE, wake_up.committed, mongo_database) as opened:
        yield opened


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with redis_client(redis_url, "test") as client:
        await client.flushdb()
        yield client


class TestMongoDatabase(DatabaseSuite):
    pass


class TestRedisLiveSessions(LiveSessionsSuite):
    @pytest.fixture
    def now(self) -> datetime:
        return datetime.now(UTC)

    @pytest.fixture
    def live(self, redis: Redis) -> RedisLiveSessions:
        return RedisLiveSessions(redis, SystemClock())

    async def test_an_entry_leaves_with_the_end_of_its_session(self, live: RedisLiveSessions, redis: Redis) -> None:
        session = a_session(now=datetime.now(UTC))
        await live.put(session)
        rest = await redis.pttl(f"session:{session.id}")
        assert timedelta(days=13, hours=23) < timedelta(milliseconds=rest) <= timedelta(days=14)

    async def test_an_entry_holds_no_token(self, live: RedisLiveSessions, redis: Redis) -> None:
        session = a_session(now=datetime.now(UTC))
        await live.put(session)
        value = await redis.get(f"session:{session.id}")
        assert isinstance(value, bytes)
        for secret in (session.family.proof_hash, session.family.current_hash):
            assert secret.hex().encode() not in value


class TestRedisAttempts(AttemptsSuite):
    @pytest.fixture
    def attempts(self, redis: Redis) -> RedisAttempts:
        return RedisAttempts(redis, LIMITS, SystemClock())

    async def test_no_key_names_an_account(self, attempts: RedisAttempts, redis: Redis) -> None:
        await attempts.begin_login("ada@example.com", "192.0.2.1")
        await attempts.login_succeeded("ada@example.com", "192.0.2.1")
        await attempts.begin_mail("ada@example.com", None)
        keys = await redis.keys("*")
        assert keys
        assert not [key for key in keys if b"ada" in key]

    async def test_every_counter_ends_by_itself(self, attempts: RedisAttempts, redis: Redis) -> None:
        await attempts.begin_login("ada@example.com", "192.0.2.1")
        await attempts.begin_registration("192.0.2.1")
        await attempts.begin_mail("ada@example.com", "192.0.2.1")
        assert [key for key in await redis.keys("*") if await redis.pttl(key) < 0] == []

    async def test_a_household_of_ipv6_counts_as_one_address(self, attempts: RedisAttempts) -> None:
        for number in range(2):
            await attempts.begin_login("ada@example.com", f"2001:db8::{number + 1}")
        with pytest.raises(DomainError) as refused:
            await attempts.begin_login("ada@example.com", "2001:db8::ffff:1")
        assert refused.value.code == "RATE_LIMITED"
        await attempts.begin_login("ada@example.com", "2001:db8:0:1::1")

    async def test_an_address_in_ipv6_clothes_is_the_same(self, attempts: RedisAttempts) -> None:
        await attempts.begin_login("ada@example.com", "192.0.2.1")
        await attempts.begin_login("ada@example.com", "::ffff:192.0.2.1")
        with pytest.raises(DomainError):
            await attempts.begin_login("ada@example.com", "192.0.2.1")


async def test_what_is_committed_wakes_the_relay_and_what_is_undone_does_not(
    database: MongoDatabase, wake_up: WakeUp
) -> None:
    user = a_user()

    async def change_of_mind(stores: Stores) -> None:
        await stores.users.add(user, UserRegistered(user=user))
        raise DomainError.of("NOT_FOUND", "Changed its mind.")

    with pytest.raises(DomainError):
        await database.atomically(change_of_mind)
    assert await wake_up.take(10, 0.01) == []
    await database.users.add(user, UserRegistered(user=user))
    places = await wake_up.take(10, 1)
    assert places == [("users", user.id)]
    (pending,) = await database.pending().of(places)
    assert (pending.event.type, pending.event.subject) == ("user-registered", str(user.id))


async def test_while_the_database_is_away_everything_is_refused_and_afterwards_all_is_well(
    mongo_url: str, mongo_database: str
) -> None:
    server = urlsplit(mongo_url)
    async with link(server.hostname or "", server.port or 0) as wire:
        url = f"mongodb://127.0.0.1:{wire.port}/?directConnection=true&serverSelectionTimeoutMS=300&timeoutMS=500"
        async with mongo.opened(url, ENCODE, WakeUp().committed, mongo_database) as database:
            user = a_user()
            wire.cut()

            async def work(stores: Stores) -> None:
                await stores.users.add(user)

            for question in (database.users.get(user.id), database.users.add(user), database.atomically(work)):
                with pytest.raises(DomainError) as refused:
                    await question
                assert refused.value.code in ("UNAVAILABLE", "TIMEOUT")
            wire.mend()
            await database.atomically(work)
            assert await database.users.get(user.id) == user


async def test_without_redis_nobody_is_live_and_nothing_is_counted() -> None:
    client = Redis.from_url(f"redis://127.0.0.1:{free_port()}/{secrets.randbelow(8)}")
    try:
        live, attempts = RedisLiveSessions(client, SystemClock()), RedisAttempts(client, LIMITS, SystemClock())
        session = a_session()
        for question in (
            live.put(session),
            live.owner(session.id),
            live.prolong(session),
            live.drop([session.id]),
            attempts.begin_login("ada@example.com", "192.0.2.1"),
            attempts.login_succeeded("ada@example.com", "192.0.2.1"),
            attempts.begin_registration("192.0.2.1"),
            attempts.registration_succeeded("192.0.2.1"),
            attempts.begin_mail("ada@example.com", None),
        ):
            with pytest.raises(DomainError) as refused:
                await question
            assert refused.value.code == "UNAVAILABLE"
    finally:
        await client.aclose()
