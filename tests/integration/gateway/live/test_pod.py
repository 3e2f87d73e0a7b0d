"""Targeted routing on a real Redis: what is logged reaches each listener once, in order, or is said to be lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from gateway.live.listener import Listener
from gateway.live.log import EventLog
from gateway.live.routes import RouteTable
from tests.testkit.live import LiveBench, Running, read


@pytest.fixture
async def bench(redis_url: str) -> AsyncIterator[LiveBench]:
    redis = Redis.from_url(redis_url)
    await redis.delete("live:epoch")
    yield LiveBench(redis)
    await redis.aclose()


async def test_two_pods_each_get_what_their_listeners_asked_for(bench: LiveBench) -> None:
    async with bench.pod() as one, bench.pod() as two:
        first, second, other = Listener(), Listener(), Listener()
        await one.pod.attach(first, bench.topic)
        await two.pod.attach(second, bench.topic)
        await two.pod.attach(other, bench.topic + "-other")
        await bench.publish(1, 2)
        await bench.publish(3, topics=[bench.topic, bench.topic + "-other"])
        assert await read(first, 3) == ["1", "2", "3"]
        assert await read(second, 3) == ["1", "2", "3"]
        assert await read(other, 1) == ["3"]


async def test_an_event_published_twice_is_delivered_once(bench: LiveBench) -> None:
    async with bench.pod() as running:
        listener = Listener()
        await running.pod.attach(listener, bench.topic)
        await bench.publish(1, 1, 2, 1)
        assert await read(listener, 2) == ["1", "2"]


async def test_messages_lost_on_the_way_are_read_from_the_log_by_the_next_message(bench: LiveBench) -> None:
    async with bench.pod() as running:
        listener = Listener()
        await running.pod.attach(listener, bench.topic)
        running.channel.loses = True
        await bench.publish(1, 2)
        assert await read_nothing(running, listener)
        running.channel.loses = False
        await bench.publish(3)
        assert await read(listener, 3) == ["1", "2", "3"]


async def read_nothing(running: Running, listener: Listener) -> bool:
    try:
        await asyncio.wait_for(listener.next(), 0.05)
    except TimeoutError:
        return True
    return False


async def test_a_lost_last_message_is_found_by_the_tick(bench: LiveBench) -> None:
    async with bench.pod(tick_seconds=0.05) as running:
        listener = Listener()
        await running.pod.attach(listener, bench.topic)
        running.channel.loses = True
        await bench.publish(1)
        assert await read(listener, 1) == ["1"]


async def test_resume_fills_the_gap_and_goes_on_live(bench: LiveBench) -> None:
    async with bench.pod() as running:
        await bench.publish(1, 2, 3)
        listener = Listener(capacity=1)
        await running.pod.attach(listener, bench.topic, after="1")
        assert await read(listener, 2) == ["2", "3"]
        await bench.publish(4)
        assert await read(listener, 1) == ["4"]


async def test_resume_from_the_last_event_repeats_nothing(bench: LiveBench) -> None:
    async with bench.pod() as running:
        await bench.publish(1)
        listener = Listener()
        await running.pod.attach(listener, bench.topic, after="1")
        await bench.publish(2)
        assert await read(listener, 1) == ["2"]


async def test_a_gap_that_the_log_no_longer_holds_is_said(bench: LiveBench) -> None:
    async with bench.pod() as running:
        await bench.publish(*range(20))
        listener = Listener()
        await running.pod.attach(listener, bench.topic, after="1")
        await bench.publish("next")
        assert await read(listener, 2) == ["lost", "next"]


async def test_more_lost_messages_than_the_log_holds_are_said(bench: LiveBench) -> None:
    async with bench.pod() as running:
        listener = Listener()
        await running.pod.attach(listener, bench.topic)
        running.channel.loses = True
        await bench.publish(*range(15))
        await running.pod.catch_up()
        assert await read(listener, 11) == ["lost", *(str(n) for n in range(5, 15))]


async def test_a_redis_that_lost_its_data_is_noticed_and_listeners_go_on(bench: LiveBench) -> None:
    async with bench.pod() as running:
        listener = Listener()
        await running.pod.attach(listener, bench.topic)
        await bench.publish(1)
        assert await read(listener, 1) == ["1"]
        await bench.redis.delete("live:epoch", f"log:{bench.topic}", f"seen:{bench.topic}", f"route:{bench.topic}")
        bench.log = EventLog(bench.redis, epoch="e2", cap=10)
        await bench.publish(1, 2)
        await running.pod.catch_up()
        await bench.publish(3)
        assert await read(listener, 3) == ["lost", "2", "3"]


async def test_a_topic_without_listeners_is_withdrawn(bench: LiveBench) -> None:
    async with bench.pod() as running:
        one, two = Listener(), Listener()
        await running.pod.attach(one, bench.topic)
        await running.pod.attach(two, bench.topic)
        await running.pod.detach(one)
        assert await bench.redis.zcard(f"route:{bench.topic}") == 1
        await running.pod.detach(two)
        assert await bench.redis.zcard(f"route:{bench.topic}") == 0
        assert running.pod.topics == frozenset()


async def test_a_registration_of_a_dead_pod_runs_out(bench: LiveBench) -> None:
    routes = RouteTable(bench.redis, "dead", life_ms=1)
    await routes.register([bench.topic], 1_000)
    async with bench.pod() as running:
        await running.pod.attach(Listener(), bench.topic)
        assert await bench.redis.zscore(f"route:{bench.topic}", "dead") is None


async def test_listeners_attached_at_the_same_time_share_one_registration(bench: LiveBench) -> None:
    async with bench.pod() as running:
        listeners = [Listener() for _ in range(20)]
        await asyncio.gather(*(running.pod.attach(listener, bench.topic) for listener in listeners))
        await bench.publish(1)
        assert [await read(listener, 1) for listener in listeners] == [["1"]] * 20
