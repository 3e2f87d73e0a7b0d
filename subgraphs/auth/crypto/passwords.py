"""Owns slow password hashing: argon2id off the event loop, in a few threads of its own, with a bounded queue.

A check without a hash runs against a dummy of the same parameters: an unknown account takes as long as a known one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import VerifyMismatchError

from kit.errors import unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingOptions:
    """Cost of a hash (the least that OWASP names for argon2id), and how much of it may go on at once."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1
    threads: int = 2
    queue: int = 64


class ArgonHasher:
    """Hashes and checks passwords. Calls beyond the queue limit are refused at once instead of piling up.

    `running` is how many hashes are being made or wait for a thread.
    """

    def __init__(self, options: HashingOptions, pool: ThreadPoolExecutor, dummy: str) -> None:
        self._argon = _argon(options)
        self._pool = pool
        self.dummy = dummy
        self._limit = options.threads + options.queue
        self.running = 0
        self._lock = threading.Lock()

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._argon.hash(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        matches = await self._run(lambda: self._matches(hashed or self.dummy, password))
        return matches and hashed is not None

    def outdated(self, hashed: str) -> bool:
        return self._argon.check_needs_rehash(hashed)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._argon.verify(hashed, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self.running >= self._limit:
                raise unavailable("Too many logins at once; try again.", retryAfter=1)
            self.running += 1
        future = self._pool.submit(work)
        # Counted until the thread is done with it: a caller who goes away does not make the work go away.
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    def _finished(self, _: Future[T]) -> None:
        with self._lock:
            self.running -= 1


def _argon(options: HashingOptions) -> Argon2:
    return Argon2(time_cost=options.passes, memory_cost=options.memory_kib, parallelism=options.lanes)


@asynccontextmanager
async def opened(options: HashingOptions, dummy_password: str) -> AsyncIterator[ArgonHasher]:
    """A hasher whose threads live as long as the block."""
    pool = ThreadPoolExecutor(options.threads, thread_name_prefix="argon2")
    try:
        dummy = await asyncio.wrap_future(pool.submit(lambda: _argon(options).hash(dummy_password)))
        yield ArgonHasher(options, pool, dummy)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
