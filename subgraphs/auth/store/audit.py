"""Owns the collection of audit entries: only added to, and read by workspace, newest first."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pymongo import ASCENDING, IndexModel

from subgraphs.auth.domain.audit import Action, Entry, EntryId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class EntryDocument(Stored):
    """One entry; its version is always the first."""

    version: int = 1
    workspace_id: UUID
    at: datetime
    action: Action
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    details: dict[str, str]

    class Settings:
        name = "audit"
        keep_nulls = False
        # Equality and then the time-ordered id: a page is one range of this index.
        indexes = (IndexModel([("workspace_id", ASCENDING), ("_id", ASCENDING)], name="page"),)

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(**asdict(entry))

    def entity(self) -> Entry:
        fields = self.plain()
        del fields["version"]
        return Entry(**fields)


class MongoAudit:
    """Implements `service.ports.Audit`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(EntryDocument, context)

    async def add(self, entry: Entry) -> None:
        await self._shelf.add(EntryDocument.of(entry), ())

    async def page(self, workspace_id: WorkspaceId, *, after: EntryId | None, limit: int) -> list[Entry]:
        criteria: dict[str, Any] = {"workspace_id": workspace_id}
        if after is not None:
            criteria["_id"] = {"$lt": after}
        return [found.entity() for found in await self._shelf.many(criteria, sort="-_id", limit=limit)]
