"""Lets equal calls that are in flight at the same time share one exchange.

A waiter that gives up leaves the others alone; the exchange is given up when nobody waits any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from gateway.executor.ports import SubgraphReply

Reply = asyncio.Future[SubgraphReply]


class InFlight:
    """The exchanges under way, by what makes them equal."""

    def __init__(self) -> None:
        self._shared: dict[Hashable, _Shared] = {}

    def join(self, key: Hashable, start: Callable[[], Reply]) -> Reply:
        """A future of the exchange under this key, started now if there is none."""
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(start())
            shared.exchange.add_done_callback(lambda _: self._shared.pop(key, None))
        return shared.waiter()


class _Shared:
    __slots__ = ("_waiters", "exchange")

    def __init__(self, exchange: Reply) -> None:
        self.exchange = exchange
        self._waiters: list[Reply] = []
        exchange.add_done_callback(self._settle)

    def waiter(self) -> Reply:
        waiter: Reply = self.exchange.get_loop().create_future()
        self._waiters.append(waiter)
        waiter.add_done_callback(self._left)
        return waiter

    def _left(self, waiter: Reply) -> None:
        if waiter.cancelled() and not self.exchange.done() and all(other.done() for other in self._waiters):
            self.exchange.cancel()

    def _settle(self, exchange: Reply) -> None:
        for waiter in self._waiters:
            if waiter.done():
                continue
            if exchange.cancelled():
                waiter.cancel()
            elif (error := exchange.exception()) is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(exchange.result())
        if not exchange.cancelled():
            exchange.exception()  # marks it as seen when every waiter had left
