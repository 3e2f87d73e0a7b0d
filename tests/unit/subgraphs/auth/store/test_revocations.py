"""Revoked sessions leave the live index before the world hears of them; without the index they wait, and only they."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kit.kafka import Pending
from subgraphs.auth.domain.happenings import SessionRevoked, UserRegistered
from subgraphs.auth.domain.sessions import Ending
from subgraphs.auth.events.published import Published
from subgraphs.auth.store.revocations import RevokedFirst
from tests.testkit.auth_memory import CountingIds, HandClock, MemoryLiveSessions
from tests.testkit.auth_ports import NOW, a_session, a_user

SESSION = a_session()
WRITE = Published(clock=HandClock(NOW), new_id=CountingIds())
REVOKED = Pending(WRITE(SessionRevoked(session=SESSION.ended(Ending.LOGOUT, NOW))), ("sessions", SESSION.id))
REGISTERED = Pending(WRITE(UserRegistered(user=a_user())), ("users", 1))


@dataclass
class ListedEvents:
    """Unsent events in a list."""

    events: list[Pending] = field(default_factory=lambda: [REGISTERED, REVOKED])

    async def of(self, places: Sequence[Hashable]) -> Sequence[Pending]:
        return [event for event in self.events if event.place in places]

    @asynccontextmanager
    async def left_behind(self, limit: int, older_than_seconds: float) -> AsyncIterator[Sequence[Pending]]:
        yield self.events[:limit]

    async def mark_sent(self, events: Sequence[Pending]) -> None:
        self.events = [event for event in self.events if event not in events]

    async def oldest_age_seconds(self) -> float:
        return float(len(self.events))


async def test_the_entry_is_gone_before_the_event_is_handed_out() -> None:
    live = MemoryLiveSessions(HandClock(NOW))
    await live.put(SESSION)
    pending = RevokedFirst(ListedEvents(), live)
    assert await pending.of([REVOKED.place, REGISTERED.place]) == [REGISTERED, REVOKED]
    assert await live.owner(SESSION.id) is None


async def test_while_the_index_is_away_revocations_wait_and_others_go() -> None:
    live = MemoryLiveSessions(HandClock(NOW))
    await live.put(SESSION)
    live.reachable = False
    pending = RevokedFirst(ListedEvents(), live)
    async with pending.left_behind(10, 1) as found:
        assert found == [REGISTERED]
        await pending.mark_sent(found)
    assert await pending.oldest_age_seconds() == 1
    live.reachable = True
    async with pending.left_behind(10, 1) as found:
        assert found == [REVOKED]
    assert await live.owner(SESSION.id) is None
