"""Owns the collection of mailed tokens. A token is in it only inside the pending event that carries it to the mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.mail_tokens import MailToken, MailTokenId, Purpose
from subgraphs.auth.store.documents import Context, Shelf, Stored

_KEPT_AFTER_EXPIRY = timedelta(days=7)


class MailTokenDocument(Stored):
    """The last token for an address and a purpose."""

    purpose: Purpose
    email: str
    user_id: UUID | None = None
    token_hash: bytes
    expires_at: datetime
    used_at: datetime | None = None
    purge_at: datetime

    class Settings:
        name = "mail_tokens"
        keep_nulls = False
        indexes = (
            IndexModel([("token_hash", ASCENDING)], name="token", unique=True),
            IndexModel([("purge_at", ASCENDING)], name="purge", expireAfterSeconds=0),
        )

    @classmethod
    def of(cls, record: MailToken) -> Self:
        return cls(**asdict(record), purge_at=record.expires_at + _KEPT_AFTER_EXPIRY)

    def entity(self) -> MailToken:
        fields = self.plain()
        del fields["purge_at"]
        return MailToken(**fields)


class MongoMailTokens:
    """Implements `service.ports.MailTokens`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(MailTokenDocument, context)

    async def get(self, token_id: MailTokenId) -> MailToken | None:
        found = await self._shelf.one({"_id": token_id})
        return None if found is None else found.entity()

    async def by_token(self, token_hash: bytes) -> MailToken | None:
        found = await self._shelf.one({"token_hash": token_hash})
        return None if found is None else found.entity()

    async def add(self, record: MailToken, *happenings: Happening) -> bool:
        try:
            await self._shelf.add(MailTokenDocument.of(record), happenings)
        except DuplicateKeyError:
            return False
        return True

    async def save(self, record: MailToken, *happenings: Happening) -> bool:
        return await self._shelf.save(MailTokenDocument.of(record), happenings)
