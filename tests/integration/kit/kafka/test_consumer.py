"""What a consumer promises, on a real broker: order per key, nothing skipped, nothing blocked for ever."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

import pytest

from kit.errors import DomainError, unavailable
from kit.kafka import Envelope, Publisher, Record, dead_letter_topic, ensure_topics, publisher
from kit.telemetry import setup_tracing, span, trace_id, traceparent
from tests.integration.kit.kafka.conftest import committed, consumer, event, running, stands_in, until


async def test_order_per_key_is_kept(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    seen: dict[str, list[int]] = defaultdict(list)

    async def handle(got: Envelope) -> None:
        await asyncio.sleep(0.001 * (int(got.data) % 3))
        seen[got.subject].append(int(got.data))

    await sender.publish([event(topic, f"k{number % 7}", str(number).encode()) for number in range(300)])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: sum(map(len, seen.values())) == 300)
    assert all(numbers == sorted(numbers) for numbers in seen.values())


async def test_a_slow_key_delays_no_other(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    seen: list[str] = []
    release = asyncio.Event()

    async def handle(got: Envelope) -> None:
        if got.subject == "slow":
            await release.wait()
        seen.append(got.subject)

    await sender.publish([event(topic, "slow"), *(event(topic, f"k{number}") for number in range(50))])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: len(seen) == 50)
        release.set()
        await until(lambda: len(seen) == 51)
    assert await committed(kafka_bootstrap, topic, topic) == 51


async def test_the_next_member_goes_on_where_the_last_one_ended(
    kafka_bootstrap: str, topic: str, sender: Publisher
) -> None:
    first: list[str] = []
    second: list[str] = []

    async def into_first(got: Envelope) -> None:
        first.append(got.subject)

    async def into_second(got: Envelope) -> None:
        second.append(got.subject)

    await sender.publish([event(topic, "one")])
    async with running(consumer(kafka_bootstrap, topic, {topic: into_first}, sender).run):
        await until(lambda: first == ["one"])
    await sender.publish([event(topic, "two")])
    async with running(consumer(kafka_bootstrap, topic, {topic: into_second}, sender).run):
        await until(lambda: second != [])
    assert (first, second) == (["one"], ["two"])


async def test_a_refused_event_becomes_a_dead_letter_and_its_followers_go_on(
    kafka_bootstrap: str, topic: str, sender: Publisher
) -> None:
    seen: list[bytes] = []

    async def handle(got: Envelope) -> None:
        if got.data == b"poison":
            raise DomainError.of("BAD_INPUT", "Nobody can read this.")
        seen.append(got.data)

    poison = event(topic, "k", b"poison", traceparent="00-" + "ab" * 16 + "-" + "cd" * 8 + "-01")
    await sender.publish([event(topic, "k", b"1"), poison, event(topic, "k", b"2")])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: seen == [b"1", b"2"])
    assert await committed(kafka_bootstrap, topic, topic) == 3
    (letter,) = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)
    headers = {name: value.decode() for name, value in letter.headers}
    assert (letter.key, letter.value) == (b"k", b"poison")
    assert Envelope.read(letter.headers, letter.value) == poison
    assert headers["dlq_code"] == "BAD_INPUT"
    assert headers["dlq_reason"] == "DomainError: Nobody can read this."
    assert (headers["dlq_topic"], headers["dlq_offset"], headers["dlq_attempts"]) == (topic, "1", "1")
    assert {"dlq_partition", "dlq_timestamp", "dlq_group", "dlq_first_failure", "dlq_last_failure"} <= headers.keys()


@pytest.mark.parametrize("headers", [(), (("ce_id", b"\xff"),), (("ce_id", b"1"), ("ce_type", b"x"))])
async def test_what_is_no_event_becomes_a_dead_letter(
    kafka_bootstrap: str, topic: str, sender: Publisher, headers: tuple[tuple[str, bytes], ...]
) -> None:
    seen: list[str] = []

    async def handle(got: Envelope) -> None:
        seen.append(got.subject)

    await sender.send([Record(topic=topic, key=None, value=b"\x00", headers=headers)])
    await sender.publish([event(topic, "k")])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: seen == ["k"])
        (letter,) = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)
    assert dict(letter.headers)["dlq_code"] == b"EVENT_MALFORMED"


async def test_a_fault_of_ours_and_a_hanging_handler_get_a_few_attempts(
    kafka_bootstrap: str, topic: str, sender: Publisher
) -> None:
    attempts: dict[str, int] = defaultdict(int)

    async def handle(got: Envelope) -> None:
        attempts[got.subject] += 1
        if got.subject == "hangs":
            await asyncio.Event().wait()
        if got.subject == "bug":
            raise KeyError("ours")

    await sender.publish([event(topic, "hangs"), event(topic, "bug"), event(topic, "good")])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        letters = await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 2)
    assert attempts == {"hangs": 2, "bug": 2, "good": 1}
    codes = {letter.key: dict(letter.headers)["dlq_code"] for letter in letters}
    assert codes == {b"hangs": b"TIMEOUT", b"bug": b"INTERNAL"}


async def test_an_outage_is_waited_out_in_order(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    seen: list[bytes] = []
    attempts = 0

    async def handle(got: Envelope) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 8:
            raise unavailable("The database is away.")
        seen.append(got.data)

    await sender.publish([event(topic, "k", b"1"), event(topic, "k", b"2")])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: seen == [b"1", b"2"])


async def test_without_a_safe_dead_letter_the_offset_stays(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    attempted = asyncio.Event()

    async def refuse(_: Envelope) -> None:
        attempted.set()
        raise DomainError.of("BAD_INPUT", "no")

    await sender.publish([event(topic, "k")])
    async with (
        publisher(["127.0.0.1:1"], [], "nowhere") as unreachable,
        running(consumer(kafka_bootstrap, topic, {topic: refuse}, unreachable).run),
    ):
        await asyncio.wait_for(attempted.wait(), 20)
    assert await committed(kafka_bootstrap, topic, topic) == 0
    attempted.clear()
    async with running(consumer(kafka_bootstrap, topic, {topic: refuse}, sender).run):
        assert len(await stands_in(kafka_bootstrap, [dead_letter_topic(topic, topic)], 1)) == 1
    assert await committed(kafka_bootstrap, topic, topic) == 1


async def test_members_that_come_and_go_lose_nothing_and_keep_order(
    kafka_bootstrap: str, topic: str, sender: Publisher
) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    total = 600

    async def handle(got: Envelope) -> None:
        await asyncio.sleep(0.002)
        seen[got.subject].append(int(got.data))

    async def produce() -> None:
        for number in range(total):
            await sender.publish([event(topic, f"k{number % 20}", str(number).encode())])

    def all_seen() -> bool:
        return len({number for numbers in seen.values() for number in numbers}) == total

    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        producing = asyncio.create_task(produce())
        for _ in range(3):
            async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
                await asyncio.sleep(0.7)
        await producing
        await until(all_seen, 30)
    for numbers in seen.values():
        firsts = list(dict.fromkeys(numbers))
        assert firsts == sorted(firsts)
    repeated = sum(map(len, seen.values())) - total
    assert repeated <= 20, "members that leave in peace commit what they did"


async def test_stopping_ends_what_runs_and_commits_it(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def handle(got: Envelope) -> None:
        started.set()
        await asyncio.sleep(0.3)
        ended.append(got.subject)

    await sender.publish([event(topic, "k")])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await asyncio.wait_for(started.wait(), 20)
    assert ended == ["k"]
    assert await committed(kafka_bootstrap, topic, topic) == 1


async def test_the_trace_goes_on_in_the_handler(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    setup_tracing("test", None)
    seen: list[str | None] = []

    async def handle(_: Envelope) -> None:
        seen.append(trace_id())

    with span("request"):
        expected = trace_id()
        await sender.publish([event(topic, "k", traceparent=traceparent())])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await until(lambda: seen != [])
    assert seen == [expected]


async def test_an_event_is_handled_within_milliseconds(kafka_bootstrap: str, topic: str, sender: Publisher) -> None:
    took: list[float] = []

    async def handle(got: Envelope) -> None:
        took.append(time.monotonic() - float(got.data))

    await ensure_topics([kafka_bootstrap], [topic])
    async with running(consumer(kafka_bootstrap, topic, {topic: handle}, sender).run):
        await sender.publish([event(topic, "warm", str(time.monotonic()).encode())])
        await until(lambda: len(took) == 1)
        for number in range(40):
            await sender.publish([event(topic, f"k{number}", str(time.monotonic()).encode())])
            await asyncio.sleep(0.01)
        await until(lambda: len(took) == 41)
    assert sorted(took[1:])[20] < 0.1
