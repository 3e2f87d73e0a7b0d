"""Entities by version on a real Redis: nothing old comes back, and nothing fails while Redis is away."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest

from kit.redis import Versioned, VersionedCache, caching_client

OLD, NEW, NEWER = Versioned(1, b"old"), Versioned(2, b"new"), Versioned(3, b"newer: still")


@pytest.fixture
async def caches(redis_url: str) -> AsyncIterator[tuple[VersionedCache, VersionedCache]]:
    """Two processes' views of the same entries."""
    prefix = f"test:{secrets.token_hex(6)}:"
    clients = [caching_client(redis_url, "test") for _ in range(2)]
    yield VersionedCache(clients[0], prefix), VersionedCache(clients[1], prefix)
    for client in clients:
        await client.aclose()


async def test_what_was_offered_is_found_by_others(caches: tuple[VersionedCache, VersionedCache]) -> None:
    one, two = caches
    await one.offer({"a": OLD, "b": NEWER})
    assert await two.get(["a", "b", "c"]) == {"a": OLD, "b": NEWER}


async def test_a_slow_reader_puts_nothing_old_back(caches: tuple[VersionedCache, VersionedCache]) -> None:
    one, two = caches
    mark = await one.mark(["a"])
    await two.offer({"a": OLD})
    assert await two.get(["a"]) == {}
    await one.publish(mark, {"a": NEW})
    await two.offer({"a": OLD})
    assert await two.get(["a"]) == {"a": NEW}


async def test_a_writer_leaves_the_mark_of_another(caches: tuple[VersionedCache, VersionedCache]) -> None:
    one, two = caches
    first = await one.mark(["a"])
    second = await two.mark(["a"])
    await one.publish(first, {"a": NEW})
    assert await one.get(["a"]) == {}
    await two.publish(second, {"a": NEWER})
    assert await one.get(["a"]) == {"a": NEWER}


async def test_what_is_forgotten_is_not_found(caches: tuple[VersionedCache, VersionedCache]) -> None:
    one, two = caches
    await one.offer({"a": OLD})
    await one.publish(await one.mark(["a"]), {"a": None})
    assert await two.get(["a"]) == {}


async def test_an_entry_ends_by_itself(redis_url: str) -> None:
    client = caching_client(redis_url, "test")
    prefix = f"test:{secrets.token_hex(6)}:"
    await VersionedCache(client, prefix, life_seconds=30).offer({"a": OLD})
    assert 0 < await client.pttl(f"{prefix}a") <= 30_000
    await client.aclose()


async def test_without_redis_nothing_fails_and_what_was_written_is_dropped_when_it_is_back(redis_url: str) -> None:
    prefix = f"test:{secrets.token_hex(6)}:"
    away, here = caching_client("redis://127.0.0.1:9", "test"), caching_client(redis_url, "test")
    other = VersionedCache(here, prefix)
    await other.offer({"a": OLD})
    cache = VersionedCache(away, prefix)
    mark = await cache.mark(["a"])
    await cache.publish(mark, {"a": NEW})
    await cache.offer({"a": NEW})
    await cache.recover()
    assert await cache.get(["a"]) == {}
    cache._client = here
    assert await cache.get(["a"]) == {}, "not before what was written is dropped"
    await cache.recover()
    assert await other.get(["a"]) == {}
    await other.offer({"a": NEW})
    assert await cache.get(["a"]) == {"a": NEW}
    for client in (away, here):
        await client.aclose()
