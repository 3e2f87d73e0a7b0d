"""Owns what all documents have in common: a version for compare-and-set, and the events of their last changes.

An event is pending inside the document that it tells about, written in the same atomic write; the relay takes it out
once Kafka has it, and is woken as soon as the write is committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from beanie import Document
from beanie.odm.utils.dump import get_dict
from pydantic import Field
from pymongo.asynchronous.client_session import AsyncClientSession

from kit.kafka import Envelope
from kit.kafka.mongo import FIELD, entry, push
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.store.faults import mongo_faults

_OURS = {FIELD, "revision_id"}

Encode = Callable[[Happening], Envelope]
Announce = Callable[..., Awaitable[None]]


class Stored(Document):
    """A document that holds one entity, field by field, and its pending events."""

    id: UUID  # type: ignore[assignment]  # ours are UUIDv7, not ObjectIds
    version: int
    pending: list[dict[str, Any]] = Field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The entity's fields by name."""
        fields: dict[str, Any] = self.model_dump(exclude=_OURS)
        return fields


D = TypeVar("D", bound=Stored)


@dataclass(slots=True, kw_only=True)
class Context:
    """How stores write: how events are encoded, who hears of them, and in which transaction, if any."""

    encode: Encode
    announce: Announce
    session: AsyncClientSession | None = None
    written: list[Hashable] = field(default_factory=list)

    def faults(self) -> AbstractContextManager[None]:
        """Inside a transaction errors keep their form: the transaction tells by it whether to run again."""
        return mongo_faults() if self.session is None else nullcontext()

    async def wrote(self, place: Hashable) -> None:
        """Tells the relay of events at a place, once they are committed."""
        if self.session is None:
            await self.announce(place)
        else:
            self.written.append(place)


class Shelf(Generic[D]):
    """One collection. Every read is bounded by an indexed field, every write is one atomic operation."""

    def __init__(self, document: type[D], context: Context) -> None:
        self._document = document
        self._context = context

    async def one(self, criteria: Mapping[str, Any]) -> D | None:
        with self._context.faults():
            return await self._document.find_one(dict(criteria), session=self._context.session)

    async def many(self, criteria: Mapping[str, Any], *, sort: str | None = None, limit: int | None = None) -> list[D]:
        found = self._document.find_many(dict(criteria), sort=sort, limit=limit, session=self._context.session)
        with self._context.faults():
            return await found.to_list()

    async def gathered(self, pipeline: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What an aggregation that starts at this collection answers."""
        with self._context.faults():
            cursor = await self._document.get_pymongo_collection().aggregate(pipeline, session=self._context.session)
            return await cursor.to_list()

    async def add(self, document: D, happenings: Sequence[Happening]) -> None:
        """Raises `pymongo.errors.DuplicateKeyError`."""
        document.pending = [entry(self._context.encode(happening)) for happening in happenings]
        with self._context.faults():
            await document.insert(session=self._context.session)
        await self._announce(document, happenings)

    async def save(self, document: D, happenings: Sequence[Happening]) -> bool:
        """Writes the document as the next version after the one that is stored; False when another was first."""
        update = {"$set": get_dict(document, to_db=True, exclude={"_id", *_OURS})}
        if happenings:
            update |= push(*(self._context.encode(happening) for happening in happenings))
        if not await self.swap({"_id": document.id, "version": document.version - 1}, update):
            return False
        await self._announce(document, happenings)
        return True

    async def swap(self, criteria: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
        """Updates a document, if it is as the criteria say."""
        with self._context.faults():
            result = await self._document.get_pymongo_collection().update_one(
                dict(criteria), dict(update), session=self._context.session
            )
        return result.matched_count == 1

    async def remove(self, criteria: Mapping[str, Any]) -> bool:
        """Deletes a document, if it is as the criteria say."""
        with self._context.faults():
            result = await self._document.get_pymongo_collection().delete_one(
                dict(criteria), session=self._context.session
            )
        return result.deleted_count == 1

    async def _announce(self, document: D, happenings: Sequence[Happening]) -> None:
        if happenings:
            await self._context.wrote((self._document.get_collection_name(), document.id))
