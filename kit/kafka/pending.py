"""Owns the port between a store with unsent events and the relay, and the wake-up that a commit gives the relay.

Every store keeps one promise: what `of` and `left_behind` answer for a key is the unsent events of that key from the
oldest on, without a gap. A relay sends them in that order and marks them only after the broker has them. So whoever
sends, and however many do at once, the first occurrences of a key's events stand in the log in the order of commits;
everything else is a repetition with the same id, which consumers know how to ignore.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from kit import failpoints
from kit.kafka.envelope import Envelope

_MOST_PLACES = 5_000


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that was committed and not yet marked as sent; `place` finds it again in its store."""

    event: Envelope
    place: Hashable


class PendingEvents(Protocol):
    """Unsent events of one store."""

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        """All unsent events at the places that commits named, for each key from the oldest on."""

    def left_behind(self, limit: int, older_than_seconds: float) -> AbstractAsyncContextManager[Sequence[Pending]]:
        """Unsent events that nobody seems to be sending, for each key from the oldest on.

        Held by one relay at a time, to spare repetitions; empty while another one holds them.
        """

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        """Forgets the events; those already forgotten are ignored."""

    async def oldest_age_seconds(self) -> float:
        """How long the oldest unsent event has been waiting, 0 when there is none."""


class WakeUp:
    """Tells the relay of this process where a commit left events, so that they need not wait for the next sweep."""

    def __init__(self) -> None:
        self._places: dict[Hashable, None] = {}
        self._called = asyncio.Event()

    async def committed(self, *places: Hashable) -> None:
        """To be called after every commit that wrote events."""
        await failpoints.reach("outbox.after_commit")
        self.call(*places)

    def call(self, *places: Hashable) -> None:
        # A relay that cannot send for a while finds forgotten places by its sweep.
        if len(self._places) < _MOST_PLACES:
            self._places.update(dict.fromkeys(places))
        self._called.set()

    async def take(self, limit: int, timeout_seconds: float) -> list[Hashable]:
        """Waits for places and takes up to so many; empty when none came in time."""
        if not self._places:
            self._called.clear()
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._called.wait()
            except TimeoutError:
                return []
        taken = list(self._places)[:limit]
        for place in taken:
            del self._places[place]
        return taken
