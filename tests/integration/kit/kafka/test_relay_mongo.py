"""Unsent events inside documents, and applied events in the transaction of their effect."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from kit.kafka import Publisher, Relay, RelayOptions, WakeUp, publisher
from kit.kafka.mongo import Document, MongoInbox, MongoPending, push
from tests.integration.kit.kafka.conftest import event, finally_empty, running, stands_in

OPTIONS = RelayOptions(sweep_seconds=0.1, left_behind_seconds=0.2, longest_pause_seconds=0.2)


@pytest.fixture
async def database(mongo_url: str, mongo_database: str) -> AsyncIterator[AsyncDatabase[Document]]:
    async with AsyncMongoClient[Document](mongo_url) as client:
        yield client[mongo_database]


async def pending(database: AsyncDatabase[Document]) -> MongoPending:
    events = MongoPending(database, ["users", "sessions"])
    await events.ensure_indexes()
    return events


async def change(database: AsyncDatabase[Document], topic: str, key: str) -> None:
    document = await database["users"].find_one_and_update({"_id": key}, {"$inc": {"claimed": 1}}, upsert=True)
    version = (document or {}).get("claimed", 0) + 1
    await database["users"].update_one(
        {"_id": key}, {"$set": {"version": version}, **push(event(topic, key, str(version).encode()))}
    )


async def drained(database: AsyncDatabase[Document]) -> None:
    await finally_empty(lambda: database["users"].find_one({"pending.0": {"$exists": True}}))


async def test_two_relays_send_a_documents_events_in_order(
    database: AsyncDatabase[Document], topic: str, kafka_bootstrap: str
) -> None:
    wakes = [WakeUp(), WakeUp()]

    async def write(key: str) -> None:
        for number in range(15):
            await change(database, topic, key)
            if number % 3:
                await wakes[number % 2].committed(("users", key))

    async with (
        publisher([kafka_bootstrap], [topic], "one") as one,
        publisher([kafka_bootstrap], [topic], "two") as two,
        running(Relay("one", await pending(database), one, wakes[0], OPTIONS).run),
        running(Relay("two", await pending(database), two, wakes[1], OPTIONS).run),
    ):
        await asyncio.gather(*(write(f"k{number}") for number in range(6)))
        await drained(database)
    seen: dict[bytes, list[int]] = defaultdict(list)
    count = 90
    while sum(len(set(numbers)) for numbers in seen.values()) < 90:
        seen.clear()
        for record in await stands_in(kafka_bootstrap, [topic], count):
            seen[record.key].append(int(record.value))
        count = sum(map(len, seen.values())) + 1
    for numbers in seen.values():
        assert list(dict.fromkeys(numbers)) == list(range(1, 16))


async def test_an_event_comes_out_as_it_went_in(
    database: AsyncDatabase[Document], topic: str, sender: Publisher
) -> None:
    written = event(topic, "k", b'{"a":1}', traceparent="00-" + "ab" * 16 + "-" + "cd" * 8 + "-01")
    await database["users"].update_one({"_id": "k"}, push(written), upsert=True)
    events = await pending(database)
    (read,) = await events.of([("users", "k")])
    assert read.event == written
    await events.mark_sent([read])
    await events.mark_sent([read])
    assert await events.of([("users", "k")]) == []
    assert await events.oldest_age_seconds() == 0


async def test_one_relay_at_a_time_sweeps(database: AsyncDatabase[Document], topic: str) -> None:
    await database["users"].update_one({"_id": "k"}, push(event(topic, "k")), upsert=True)
    one, two = await pending(database), await pending(database)
    async with one.left_behind(10, -1) as mine, two.left_behind(10, -1) as theirs:
        assert (len(mine), len(theirs)) == (1, 0)
    async with two.left_behind(10, -1) as theirs:
        assert len(theirs) == 1


async def test_a_sweep_leaves_fresh_events_to_their_own_process(database: AsyncDatabase[Document], topic: str) -> None:
    await database["users"].update_one({"_id": "k"}, push(event(topic, "k")), upsert=True)
    async with (await pending(database)).left_behind(10, 60) as events:
        assert list(events) == []


async def test_racing_consumers_apply_an_event_once(database: AsyncDatabase[Document], topic: str) -> None:
    await database.create_collection("inbox")
    await database.create_collection("counts")
    inbox = MongoInbox(database, "group")
    got = event(topic, "k")

    async def effect(session: AsyncClientSession) -> bool:
        await database["counts"].update_one({"_id": "k"}, {"$inc": {"n": 1}}, upsert=True, session=session)
        return True

    applied = await asyncio.gather(*(inbox.once(got, effect) for _ in range(6)))
    assert applied.count(True) == 1
    assert await database["counts"].find_one() == {"_id": "k", "n": 1}


async def test_a_failed_effect_leaves_nothing(database: AsyncDatabase[Document], topic: str) -> None:
    await database.create_collection("inbox")
    await database.create_collection("counts")
    inbox = MongoInbox(database, "group")
    got = event(topic, "k")

    async def fail(session: AsyncClientSession) -> None:
        await database["counts"].insert_one({"_id": "k"}, session=session)
        raise ZeroDivisionError

    async def succeed(session: AsyncClientSession) -> bool:
        return True

    with pytest.raises(ZeroDivisionError):
        await inbox.once(got, fail)
    assert await database["counts"].find_one() is None
    assert await inbox.once(got, succeed)
