"""Collection `profiles`: snapshots of people, replaced only by newer ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from beanie import Document

from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session, Transactions


class ProfileDocument(Document):
    """The newest that auth told of a person."""

    id: UUID  # type: ignore[assignment]  # the user's id
    email: str
    display_name: str
    locale: str
    time_zone: str
    version: int

    class Settings:
        name = "profiles"

    @classmethod
    def of(cls, profile: Profile) -> ProfileDocument:
        return cls(
            id=profile.user_id,
            email=profile.email,
            display_name=profile.display_name,
            locale=profile.locale,
            time_zone=profile.time_zone,
            version=profile.version,
        )

    def profile(self) -> Profile:
        return Profile(
            user_id=self.id,
            email=self.email,
            display_name=self.display_name,
            locale=self.locale,
            time_zone=self.time_zone,
            version=self.version,
        )


class MongoProfiles:
    """`service.ports.Profiles`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Profile]:
        with reachable():
            found = await ProfileDocument.find({"_id": {"$in": list(user_ids)}}).to_list()
        return {document.id: document.profile() for document in found}

    async def keep(self, profile: Profile) -> None:
        with reachable():
            await self._transactions.run(partial(take_profile, profile))


async def take_profile(profile: Profile, session: Session) -> None:
    """Stores it unless a newer one is there, as a part of a transaction."""
    stored = await ProfileDocument.get(profile.user_id, session=session)
    if stored is None:
        await ProfileDocument.of(profile).insert(session=session)
    elif stored.version < profile.version:
        await ProfileDocument.of(profile).replace(session=session)
