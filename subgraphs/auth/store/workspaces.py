"""Owns the collection of workspaces."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Self

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from subgraphs.auth import errors
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class WorkspaceDocument(Stored):
    """One workspace."""

    name: str
    slug: str
    owners: int
    members: int = 1
    created_at: datetime
    deleted_at: datetime | None = None

    class Settings:
        name = "workspaces"
        keep_nulls = False
        indexes = (IndexModel([("slug", ASCENDING)], name="slug", unique=True),)

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        return cls(**asdict(workspace))

    def entity(self) -> Workspace:
        return Workspace(**self.plain())


class MongoWorkspaces:
    """Implements `service.ports.Workspaces`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(WorkspaceDocument, context)

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None:
        found = await self._shelf.one({"_id": workspace_id})
        return None if found is None else found.entity()

    async def get_many(self, workspace_ids: Collection[WorkspaceId]) -> list[Workspace]:
        if not workspace_ids:
            return []
        return [found.entity() for found in await self._shelf.many({"_id": {"$in": list(workspace_ids)}})]

    async def by_slug(self, slug: str) -> Workspace | None:
        found = await self._shelf.one({"slug": slug})
        return None if found is None else found.entity()

    async def add(self, workspace: Workspace) -> None:
        try:
            await self._shelf.add(WorkspaceDocument.of(workspace), ())
        except DuplicateKeyError as error:
            raise errors.slug_taken(workspace.slug) from error

    async def save(self, workspace: Workspace) -> bool:
        try:
            return await self._shelf.save(WorkspaceDocument.of(workspace), ())
        except DuplicateKeyError as error:
            raise errors.slug_taken(workspace.slug) from error
