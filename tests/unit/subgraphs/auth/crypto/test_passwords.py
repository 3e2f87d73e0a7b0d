"""Password hashing: argon2id at the agreed cost, off the loop, bounded, and as slow for nobody as for somebody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher as Argon2
from argon2 import extract_parameters
from argon2.low_level import Type

from kit.errors import DomainError
from subgraphs.auth.crypto.passwords import ArgonHasher, HashingOptions, opened
from tests.testkit.auth_ports import HasherSuite
from tests.testkit.conditions import eventually

CHEAP = HashingOptions(memory_kib=64, passes=1, threads=1, queue=2)


class TestArgonHasher(HasherSuite):
    @pytest.fixture
    async def hasher(self) -> AsyncIterator[ArgonHasher]:
        async with opened(CHEAP, "dummy") as hasher:
            yield hasher


async def test_the_agreed_cost_stands_in_each_hash() -> None:
    async with opened(HashingOptions(), "dummy") as hasher:
        first, second = await hasher.hash("correct horse"), await hasher.hash("correct horse")
    parameters = extract_parameters(first)
    assert (parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (
        Type.ID, 19_456, 2, 1
    )  # fmt: skip
    assert first != second


async def test_a_hash_of_other_parameters_still_verifies_and_is_outdated() -> None:
    old = Argon2(time_cost=1, memory_cost=128, parallelism=1).hash("correct horse")
    async with opened(CHEAP, "dummy") as hasher:
        assert await hasher.verify(old, "correct horse")
        assert hasher.outdated(old)


async def test_the_dummy_costs_what_a_hash_costs_and_never_fits() -> None:
    async with opened(CHEAP, "the dummy's own password") as hasher:
        assert not await hasher.verify(None, "the dummy's own password")
        assert extract_parameters(hasher.dummy) == extract_parameters(await hasher.hash("correct horse"))


async def test_beyond_the_queue_calls_are_refused_at_once_and_places_come_back() -> None:
    gate = threading.Event()
    pool = ThreadPoolExecutor(1)
    hasher = ArgonHasher(CHEAP, pool, Argon2(time_cost=1, memory_cost=64, parallelism=1).hash("dummy"))
    try:
        pool.submit(gate.wait)  # the thread is busy with something long
        waiting = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(3)]
        await eventually(lambda: hasher.running == 3)
        with pytest.raises(DomainError) as refused:
            await hasher.hash("one too many")
        assert refused.value.code == "UNAVAILABLE"
        gate.set()
        assert len(await asyncio.gather(*waiting)) == 3
        assert await hasher.hash("welcome again")
    finally:
        gate.set()
        pool.shutdown()


async def test_a_caller_who_goes_away_gives_the_place_back() -> None:
    gate = threading.Event()
    pool = ThreadPoolExecutor(1)
    hasher = ArgonHasher(CHEAP, pool, Argon2(time_cost=1, memory_cost=64, parallelism=1).hash("dummy"))
    try:
        pool.submit(gate.wait)
        waiting = asyncio.create_task(hasher.hash("correct horse"))
        await eventually(lambda: hasher.running == 1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        gate.set()
        await eventually(lambda: hasher.running == 0)
    finally:
        gate.set()
        pool.shutdown()
