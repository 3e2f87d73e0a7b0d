"""Owns the collection of accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Self

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.users import User, UserId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class UserDocument(Stored):
    """One account."""

    email: str
    display_name: str
    avatar_url: str | None = None
    locale: str
    time_zone: str
    password_hash: str
    email_verified_at: datetime | None = None
    epoch: int = 1
    created_at: datetime

    class Settings:
        name = "users"
        keep_nulls = False
        indexes = (IndexModel([("email", ASCENDING)], name="email", unique=True),)

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(**asdict(user))

    def entity(self) -> User:
        return User(**self.plain())


class MongoUsers:
    """Implements `service.ports.Users`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(UserDocument, context)

    async def get(self, user_id: UserId) -> User | None:
        found = await self._shelf.one({"_id": user_id})
        return None if found is None else found.entity()

    async def get_many(self, user_ids: Collection[UserId]) -> list[User]:
        if not user_ids:
            return []
        return [found.entity() for found in await self._shelf.many({"_id": {"$in": list(user_ids)}})]

    async def by_email(self, email: str) -> User | None:
        found = await self._shelf.one({"email": email})
        return None if found is None else found.entity()

    async def add(self, user: User, *happenings: Happening) -> None:
        try:
            await self._shelf.add(UserDocument.of(user), happenings)
        except DuplicateKeyError as error:
            raise errors.email_taken() from error

    async def save(self, user: User, *happenings: Happening) -> bool:
        return await self._shelf.save(UserDocument.of(user), happenings)

    async def replace_hash(self, user_id: UserId, old: str, new: str) -> bool:
        return await self._shelf.swap({"_id": user_id, "password_hash": old}, {"$set": {"password_hash": new}})
