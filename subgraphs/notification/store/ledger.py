"""Collection `applied_events`: which events have taken effect. Its record is a part of the commit of the effect."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from beanie import Document
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from kit.clock import Clock
from kit.failpoints import reach
from kit.telemetry import traceparent
from subgraphs.notification.service.ports import Cause, Effect
from subgraphs.notification.store.deliveries import add_deliveries
from subgraphs.notification.store.memberships import take_membership
from subgraphs.notification.store.mentions import add_mention
from subgraphs.notification.store.mongo import reachable, single_duplicates
from subgraphs.notification.store.notifications import NewEntry, add_entries
from subgraphs.notification.store.profiles import take_profile
from subgraphs.notification.store.pushes import add_pushes
from subgraphs.notification.store.transactions import Session, Transactions

GROUP = "notification"

_MOST_TOGETHER = 32
_REMEMBERED = timedelta(days=30)
"""Longer than Kafka keeps an event, so that none can come again after it was forgotten."""


class AppliedEventDocument(Document):
    """One event that took effect in a group of consumers."""

    id: str  # type: ignore[assignment]  # group and event id
    topic: str
    at: datetime

    class Settings:
        name = "applied_events"
        indexes: ClassVar = [IndexModel("at", name="forget", expireAfterSeconds=int(_REMEMBERED.total_seconds()))]


@dataclass(slots=True, eq=False)
class _Waiting:
    """An effect that asks to be committed, and what became of it."""

    record: Mapping[str, Any]
    effect: Effect
    traceparent: str | None
    applied: bool | None = None
    failure: Exception | None = None

    @property
    def is_settled(self) -> bool:
        return self.applied is not None or self.failure is not None


class MongoLedger:
    """`service.ports.Ledger`. `committed` hears of every effect that was committed.

    Effects that ask while a transaction runs share the next one: those for the same inbox would only make each other
    start over. An event that was applied before fails the whole transaction; then each is committed by itself.
    """

    def __init__(
        self, transactions: Transactions, clock: Clock, committed: Callable[[Effect], Awaitable[None]]
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._committed = committed
        self._waiting: deque[_Waiting] = deque()
        self._turn = asyncio.Lock()

    async def apply(self, cause: Cause, effect: Effect) -> bool:
        record = {"_id": f"{GROUP}:{cause.event_id}", "topic": cause.topic, "at": self._clock.now()}
        mine = _Waiting(record, effect, traceparent())
        self._waiting.append(mine)
        async with self._turn:
            while not mine.is_settled:
                await self._commit_waiting()
        if mine.failure is not None:
            raise mine.failure
        if mine.applied:
            await self._committed(effect)
        return mine.applied is True

    async def _commit_waiting(self) -> None:
        """Settles the longest waiting. One that is cancelled here leaves the others to whoever has the next turn."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER))]
        try:
            if len(batch) == 1 or not await self._commit_together(batch):
                for one in batch:
                    await self._commit_alone(one)
        finally:
            self._waiting.extendleft(one for one in reversed(batch) if not one.is_settled)

    async def _commit_together(self, batch: Sequence[_Waiting]) -> bool:
        """False when they must be committed one by one."""
        try:
            with reachable():
                await self._transactions.run(partial(_commit, batch))
        except DuplicateKeyError:
            return False
        except Exception as failure:
            for one in batch:
                one.failure = failure
            return True
        for one in batch:
            one.applied = True
        return True

    async def _commit_alone(self, one: _Waiting) -> None:
        try:
            with reachable():
                one.applied = await self._first_time(one)
        except Exception as failure:
            one.failure = failure

    async def _first_time(self, one: _Waiting) -> bool:
        try:
            await self._transactions.run(partial(_commit, [one]))
        except DuplicateKeyError:
            # Ids follow from the event: an effect without its record ends here as well, and is no duplicate.
            if await AppliedEventDocument.get(one.record["_id"]) is None:
                raise
            return False
        return True


async def _commit(batch: Sequence[_Waiting], session: Session) -> None:
    new = [NewEntry(told, one.record["at"], one.traceparent) for one in batch for told in one.effect.notifications]
    mails = [(mail, one.traceparent) for one in batch for mail in one.effect.deliveries]
    pushes = [(push, one.traceparent) for one in batch for push in one.effect.pushes]
    with single_duplicates():
        # First what other processes may be writing too: whoever meets them has done nothing in vain.
        await add_entries(new, session)
        await add_deliveries(mails, session)
        await add_pushes(pushes, session)
        for one in batch:
            await _take_snapshots(one.effect, session)
        # Past Beanie's layers, which cost as much again as the driver: this runs for every event.
        records = [one.record for one in batch]
        await AppliedEventDocument.get_pymongo_collection().insert_many(records, session=session)
    await reach("notification.before_commit")


async def _take_snapshots(effect: Effect, session: Session) -> None:
    if effect.profile is not None:
        await take_profile(effect.profile, session)
    if effect.membership is not None:
        await take_membership(effect.membership, session)
    if effect.mention is not None:
        await add_mention(effect.mention, session)
