"""A process that was killed inside a transaction holds up nobody for long."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from subgraphs.notification.store.mongo import connected
from subgraphs.notification.store.transactions import Session, Transactions, transactions


async def test_the_locks_of_the_dead_are_taken_away(mongo_url: str, mongo_database: str) -> None:
    async with connected(mongo_url) as client:
        things = client[mongo_database].things
        dead = Transactions(client, 1, mongo_database)
        await dead.sign()
        holding = asyncio.Event()

        async def hold(session: Session) -> None:
            await things.insert_one({"_id": 1, "by": "dead"}, session=session)
            holding.set()
            await asyncio.Event().wait()

        killed = asyncio.create_task(dead.run(hold))
        await holding.wait()
        async with transactions(client, 1, mongo_database) as living:

            async def write(session: Session) -> None:
                await things.insert_one({"_id": 1, "by": "living"}, session=session)

            async with client.start_session() as session:
                await session.start_transaction()
                with pytest.raises(OperationFailure):
                    await write(session)
            keeping = asyncio.create_task(living.keep())
            async with asyncio.timeout(15):
                while await things.find_one({"_id": 1}) is None:
                    with suppress(PyMongoError):
                        await living.run(write)
            keeping.cancel()
        assert await things.find_one({"_id": 1}) == {"_id": 1, "by": "living"}
        killed.cancel()
        await asyncio.gather(killed, keeping, return_exceptions=True)
        await dead.aclose()


async def test_who_was_only_slow_starts_over(mongo_url: str, mongo_database: str) -> None:
    async with connected(mongo_url) as client, transactions(client, 1, mongo_database) as slow:
        things = client[mongo_database].things
        rounds = 0

        async def write(session: Session) -> None:
            nonlocal rounds
            rounds += 1
            await things.insert_one({"_id": rounds}, session=session)
            if rounds == 1:
                session_id = session.session_id["id"]
                await client.admin.command("killSessions", [{"id": session_id}])

        await slow.run(write)
        assert rounds == 2
        assert [found["_id"] async for found in things.find()] == [2]
