"""Collection `applied_events`: which events have taken effect. Its record is a part of the commit of the effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
from subgraphs.notification.store.commenters import add_commenter
from subgraphs.notification.store.deliveries import add_delivery
from subgraphs.notification.store.memberships import take_membership
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.notifications import add_entry
from subgraphs.notification.store.profiles import take_profile
from subgraphs.notification.store.transactions import Session, Transactions

GROUP = "notification"

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


class MongoLedger:
    """`service.ports.Ledger`. `committed` hears of every effect that was committed, by whom it concerns."""

    def __init__(
        self, transactions: Transactions, clock: Clock, committed: Callable[[Effect], Awaitable[None]]
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._committed = committed

    async def apply(self, cause: Cause, effect: Effect) -> bool:
        record = {"_id": f"{GROUP}:{cause.event_id}", "topic": cause.topic, "at": self._clock.now()}
        with reachable():
            try:
                await self._transactions.run(partial(_commit, record, effect, traceparent()))
            except DuplicateKeyError:
                # Ids follow from the event: an effect without its record ends here as well, and is no duplicate.
                if await AppliedEventDocument.get(record["_id"]) is None:
                    raise
                return False
        await self._committed(effect)
        return True


async def _commit(record: Mapping[str, Any], effect: Effect, trace: str | None, session: Session) -> None:
    # Past Beanie's layers, which cost as much again as the driver: this runs for every event.
    await AppliedEventDocument.get_pymongo_collection().insert_one(record, session=session)
    if effect.profile is not None:
        await take_profile(effect.profile, session)
    if effect.membership is not None:
        await take_membership(effect.membership, session)
    if effect.comment is not None:
        await add_commenter(effect.comment, session)
    # In one order, so that two events for the same people cannot wait for each other.
    for notification in sorted(effect.notifications, key=lambda notification: notification.user_id):
        await add_entry(notification, record["at"], trace, session)
    for delivery in effect.deliveries:
        await add_delivery(delivery, trace, session)
    await reach("notification.before_commit")
