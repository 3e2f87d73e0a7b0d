"""Who may listen and until when, on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.live.directive import LiveField
from gateway.live.listener import EventsLost
from gateway.live.subscriptions import LiveValue, Viewer, live_values, session_ended
from gateway.live.template import TopicTemplate, ValueTemplate
from kit.errors import DomainError
from tests.testkit.conditions import eventually
from tests.testkit.live import LiveBench, Running

VIEWER = Viewer("u1", "s1")


class Gate:
    """Lets pass or not, as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.open = True
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, field: LiveField, arguments: Mapping[str, Any]) -> None:
        self.asked.append(dict(arguments))
        if not self.open:
            raise DomainError.of("FORBIDDEN", "Not for you.")


@pytest.fixture
async def bench(redis_url: str) -> AsyncIterator[LiveBench]:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    yield LiveBench(redis)
    await redis.aclose()


def live_field(topic: str = "{args.topic}") -> LiveField:
    value = ValueTemplate.parse('{"n": "$data.n", "kind": "$type"}')
    return LiveField(TopicTemplate.parse(topic), frozenset({"task.created"}), "query LiveGate { a }", ("topic",), value)


def subscribe(running: Running, gate: Gate, **arguments: str) -> AsyncGenerator[LiveValue | EventsLost, None]:
    return live_values(running.pod, live_field(), {"topic": "t1", **arguments}, VIEWER, gate)


async def started(
    stream: AsyncGenerator[LiveValue | EventsLost, None], running: Running
) -> asyncio.Task[LiveValue | EventsLost]:
    """The stream's next item, asked for and not yet there."""
    task = asyncio.ensure_future(anext(stream))
    await eventually(lambda: task.done() or {"t1", "session:s1", "user:u1"} <= running.pod.topics)
    return task


async def test_values_are_built_from_the_events_that_the_field_names(bench: LiveBench) -> None:
    gate = Gate()
    async with bench.pod() as running:
        stream = subscribe(running, gate)
        first = await started(stream, running)
        await bench.publish("other", topics=["t1"], kind="task.updated")
        await bench.publish(7, topics=["t1"])
        assert await first == LiveValue("7", {"n": 7, "kind": "task.created"}, None)
        assert gate.asked == [{"topic": "t1"}]
        await stream.aclose()
        assert running.pod.topics == frozenset()


async def test_a_closed_gate_refuses_the_subscription_and_leaves_no_registration(bench: LiveBench) -> None:
    gate = Gate()
    gate.open = False
    async with bench.pod() as running:
        with pytest.raises(DomainError) as refused:
            await anext(subscribe(running, gate))
        assert refused.value.code == "FORBIDDEN"
        assert running.pod.topics == frozenset()


async def test_an_argument_that_cannot_be_a_topic_is_answered_like_an_unknown_id(bench: LiveBench) -> None:
    async with bench.pod() as running:
        with pytest.raises(DomainError) as refused:
            await anext(subscribe(running, Gate(), topic="a b"))
        assert refused.value.code == "NOT_FOUND"


async def test_a_revoked_session_ends_the_stream_before_the_next_event(bench: LiveBench) -> None:
    async with bench.pod() as running:
        first = await started(subscribe(running, Gate()), running)
        await bench.publish("r", topics=["session:s1"], kind="session.revoked")
        await bench.publish(1, topics=["t1"])
        with pytest.raises(DomainError) as ended:
            await first
        assert ended.value.code == "SESSION_ENDED"


async def test_a_changed_membership_asks_the_gate_again(bench: LiveBench) -> None:
    gate = Gate()
    async with bench.pod() as running:
        stream = subscribe(running, gate)
        first = await started(stream, running)
        await bench.publish("m1", topics=["user:u1"], kind="workspace.member.changed")
        await bench.publish(1, topics=["t1"])
        assert isinstance(await first, LiveValue)
        assert len(gate.asked) == 2
        gate.open = False
        second = asyncio.ensure_future(anext(stream))
        await bench.publish("m2", topics=["user:u1"], kind="workspace.member.changed")
        await bench.publish(2, topics=["t1"])
        with pytest.raises(DomainError) as ended:
            await second
        assert ended.value.code == "FORBIDDEN"


async def test_a_gap_is_said_and_the_stream_goes_on(bench: LiveBench) -> None:
    async with bench.pod() as running:
        stream = subscribe(running, Gate(), after="long-gone")
        assert await anext(stream) == EventsLost("t1")
        following = asyncio.ensure_future(anext(stream))
        await bench.publish(1, topics=["t1"])
        assert isinstance(await following, LiveValue)
        await stream.aclose()


async def test_the_end_of_a_session_is_noticed_by_whoever_waits_for_it(bench: LiveBench) -> None:
    async with bench.pod() as running:
        waiting = asyncio.create_task(session_ended(running.pod, "s1"))
        await eventually(lambda: "session:s1" in running.pod.topics)
        await bench.publish("x", topics=["session:s1"], kind="something.else")
        await bench.publish("r", topics=["session:s1"], kind="session.revoked")
        await asyncio.wait_for(waiting, 5)
