"""Owns the collection of custom roles. A deleted role leaves nothing behind but the audit log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Self
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from proto.permissions import Permission
from subgraphs.auth import errors
from subgraphs.auth.domain.roles import CustomRole, RoleId, role_key
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class RoleDocument(Stored):
    """One custom role."""

    workspace_id: UUID
    name: str
    key: str
    permissions: list[Permission]
    members: int
    created_at: datetime

    class Settings:
        name = "roles"
        keep_nulls = False
        indexes = (IndexModel([("workspace_id", ASCENDING), ("key", ASCENDING)], name="name", unique=True),)

    @classmethod
    def of(cls, role: CustomRole) -> Self:
        return cls(**asdict(role) | {"permissions": sorted(role.permissions)}, key=role_key(role.name))

    def entity(self) -> CustomRole:
        fields = self.plain()
        del fields["key"]
        return CustomRole(**fields | {"permissions": frozenset(self.permissions)})


class MongoRoles:
    """Implements `service.ports.Roles`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(RoleDocument, context)

    async def get(self, role_id: RoleId) -> CustomRole | None:
        found = await self._shelf.one({"_id": role_id})
        return None if found is None else found.entity()

    async def of_workspace(self, workspace_id: WorkspaceId) -> list[CustomRole]:
        found = await self._shelf.many({"workspace_id": workspace_id})
        return sorted((one.entity() for one in found), key=lambda role: role.id)

    async def add(self, role: CustomRole) -> None:
        try:
            await self._shelf.add(RoleDocument.of(role), ())
        except DuplicateKeyError as error:
            raise errors.role_name_taken() from error

    async def save(self, role: CustomRole) -> bool:
        try:
            return await self._shelf.save(RoleDocument.of(role), ())
        except DuplicateKeyError as error:
            raise errors.role_name_taken() from error

    async def remove(self, role: CustomRole) -> bool:
        return await self._shelf.remove({"_id": role.id, "version": role.version})
