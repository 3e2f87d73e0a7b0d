"""Pub/sub through `broadcaster` on a real Redis that is killed and comes back."""

from __future__ import annotations

import asyncio

import pytest
from broadcaster import Broadcast
from broadcaster._base import Subscriber
from redis.exceptions import RedisError

from kit.redis import RECONNECTED, RedisBroadcast, redis_client
from scripts.engines.run import EngineSet

PATIENCE = 20.0


@pytest.fixture
async def url(private_engines: EngineSet) -> str:
    private_engines.server("redis").start()
    return private_engines.environment("redis")["TASKFLOW_REDIS_URL"]


async def next_message(subscriber: Subscriber) -> tuple[str, str]:
    event = await asyncio.wait_for(subscriber.get(), PATIENCE)
    return (event.channel, event.message)


async def test_messages_reach_their_channel_alone(url: str) -> None:
    async with (
        Broadcast(backend=RedisBroadcast(url, "test")) as broadcast,
        broadcast.subscribe("a") as a,
        broadcast.subscribe("b") as b,
    ):
        await broadcast.publish("a", "one")
        await broadcast.publish("b", "two")
        assert await next_message(a) == ("a", "one")
        assert await next_message(b) == ("b", "two")


async def test_a_restarted_server_is_found_again_and_the_gap_is_said(url: str, private_engines: EngineSet) -> None:
    async with (
        Broadcast(backend=RedisBroadcast(url, "test")) as broadcast,
        broadcast.subscribe("a") as subscriber,
        redis_client(url, "publisher") as publisher,
    ):
        await publisher.publish("a", "before")
        assert await next_message(subscriber) == ("a", "before")
        server = private_engines.server("redis")
        server.kill()
        await asyncio.to_thread(server.restart)
        assert await next_message(subscriber) == ("a", RECONNECTED)
        await publisher.publish("a", "after")
        assert await next_message(subscriber) == ("a", "after")


async def test_a_channel_subscribed_during_an_outage_is_there_afterwards(url: str, private_engines: EngineSet) -> None:
    async with (
        Broadcast(backend=RedisBroadcast(url, "test")) as broadcast,
        broadcast.subscribe("a"),
        redis_client(url, "publisher") as publisher,
    ):
        server = private_engines.server("redis")
        server.kill()
        async with broadcast.subscribe("b") as late:
            await asyncio.to_thread(server.restart)
            assert await next_message(late) == ("b", RECONNECTED)
            await publisher.publish("b", "hello")
            assert await next_message(late) == ("b", "hello")


async def test_a_client_survives_a_restart_and_refuses_to_open_without_a_server(
    url: str, private_engines: EngineSet
) -> None:
    server = private_engines.server("redis")
    async with redis_client(url, "test") as client:
        await client.set("key", "value")
        await asyncio.to_thread(server.restart)
        await client.ping()
    server.kill()
    with pytest.raises(RedisError):
        async with redis_client(url, "test"):
            pass
