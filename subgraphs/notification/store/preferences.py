"""Collection `preferences`: one document for each user who has set something. Each is written only over the version
that was last read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, ClassVar
from uuid import UUID

from beanie import Document
from pydantic import BaseModel
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from kit.errors import unavailable
from subgraphs.notification.domain.deliveries import Delivery
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import Channel, Preferences, QuietHours
from subgraphs.notification.store.deliveries import add_deliveries
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session, Transactions

_TRIES = 10


class ChoicePart(BaseModel):
    """One field of the matrix that was set."""

    category: Category
    channel: Channel
    wanted: bool


class QuietPart(BaseModel):
    """Quiet hours, as minutes of the day."""

    start: int
    end: int
    urgent_passes: bool


class MutePart(BaseModel):
    """A project that says nothing, for good or until a moment."""

    project_id: UUID
    until: datetime | None = None


class PreferencesDocument(Document):
    """What one user has set. `digest_at` is there only while a digest is wanted."""

    id: UUID  # type: ignore[assignment]  # the user's id
    choices: list[ChoicePart]
    quiet: QuietPart | None = None
    mutes: list[MutePart]
    digest_hour: int | None = None
    digest_day: str | None = None
    digest_at: datetime | None = None
    digest_seq: int = 0
    version: int

    class Settings:
        name = "preferences"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("digest_at", name="digest", sparse=True)]

    @classmethod
    def of(cls, set_: Preferences) -> PreferencesDocument:
        quiet = set_.quiet
        return cls(
            id=set_.user_id,
            choices=[
                ChoicePart(category=category, channel=channel, wanted=wanted)
                for (category, channel), wanted in set_.choices.items()
            ],
            quiet=QuietPart(start=_minutes(quiet.start), end=_minutes(quiet.end), urgent_passes=quiet.urgent_passes)
            if quiet is not None
            else None,
            mutes=[MutePart(project_id=project, until=until) for project, until in set_.mutes.items()],
            digest_hour=set_.digest_hour,
            digest_day=set_.digest_day.isoformat() if set_.digest_day is not None else None,
            digest_at=set_.digest_at,
            digest_seq=set_.digest_seq,
            version=set_.version,
        )

    def preferences(self) -> Preferences:
        quiet = self.quiet
        return Preferences(
            user_id=self.id,
            choices={(one.category, one.channel): one.wanted for one in self.choices},
            quiet=QuietHours(start=_time(quiet.start), end=_time(quiet.end), urgent_passes=quiet.urgent_passes)
            if quiet is not None
            else None,
            mutes={mute.project_id: mute.until for mute in self.mutes},
            digest_hour=self.digest_hour,
            digest_day=date.fromisoformat(self.digest_day) if self.digest_day is not None else None,
            digest_at=self.digest_at,
            digest_seq=self.digest_seq,
            version=self.version,
        )


class MongoPreferences:
    """`service.ports.PreferenceStore`."""

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Preferences]:
        with reachable():
            found = await PreferencesDocument.find({"_id": {"$in": list(user_ids)}}).to_list()
        return {document.id: document.preferences() for document in found}

    async def change(self, user_id: UUID, change: Callable[[Preferences], Preferences]) -> Preferences:
        for _ in range(_TRIES):
            with reachable():
                stored = await PreferencesDocument.get(user_id)
                before = stored.preferences() if stored is not None else Preferences(user_id=user_id)
                after = replace(change(before), version=before.version + 1)
                if await _replace(before, after):
                    return after
        raise unavailable("The preferences are being changed by somebody else.")


class MongoDigests:
    """`service.ports.Digests`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def due(self, now: datetime, limit: int) -> Sequence[Preferences]:
        with reachable():
            due = PreferencesDocument.find({"digest_at": {"$lte": now}}).sort("digest_at").limit(limit)
            return [document.preferences() for document in await due.to_list()]

    async def next_due(self) -> datetime | None:
        collection = PreferencesDocument.get_pymongo_collection()
        with reachable():
            first: Any = await collection.find_one(
                {"digest_at": {"$exists": True}}, {"digest_at": 1}, sort=[("digest_at", 1)]
            )
        return first["digest_at"] if first is not None else None

    async def make(self, before: Preferences, after: Preferences, mail: Delivery | None) -> bool:
        async def commit(session: Session) -> bool:
            if not await _replace(before, replace(after, version=before.version + 1), session):
                await session.abort_transaction()
                return False
            await add_deliveries([(mail, None)] if mail is not None else [], session)
            return True

        with reachable():
            return await self._transactions.run(commit)


async def _replace(before: Preferences, after: Preferences, session: Session | None = None) -> bool:
    """False when somebody else was faster."""
    document = PreferencesDocument.of(after).model_dump(exclude_none=True)
    document["_id"] = document.pop("id")
    collection = PreferencesDocument.get_pymongo_collection()
    try:
        if before.version == 0:
            await collection.insert_one(document, session=session)
            return True
        known = {"_id": before.user_id, "version": before.version}
        return (await collection.replace_one(known, document, session=session)).modified_count == 1
    except DuplicateKeyError:
        return False


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
