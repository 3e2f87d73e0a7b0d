"""One subscription's bounded queue of events.

Invariant: what was offered is read in the order of the offers, or the reader is told that something is missing; a slow
reader never holds memory without bound.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

from kit.errors import DomainError


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as it reached a listener through a topic."""

    topic: str
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventsLost:
    """Events of the topic may be missing here and cannot be had any more: the client must read afresh."""

    topic: str


class Listener:
    """A queue with one reader. Offers never wait."""

    def __init__(self, capacity: int = 256) -> None:
        self._items: deque[Delivery | EventsLost] = deque()
        self._capacity = capacity
        self._overflown = False
        self._changed = asyncio.Event()

    def offer(self, item: Delivery | EventsLost, *, replay: bool = False) -> None:
        """Adds an item; a full queue ends the listener. A replay is bounded by the log instead."""
        if self._overflown:
            return
        if len(self._items) >= self._capacity and not replay:
            self._items.clear()
            self._overflown = True
        else:
            self._items.append(item)
        self._changed.set()

    async def next(self) -> Delivery | EventsLost:
        """Waits for the next item; cancellation loses nothing. Raises DomainError SLOW_CONSUMER after an overflow."""
        while not self._items:
            if self._overflown:
                raise DomainError.of("SLOW_CONSUMER", "Events came faster than they were read.")
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()
