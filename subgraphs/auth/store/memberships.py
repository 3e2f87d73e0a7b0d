"""Owns the collection of memberships: one record for each person and workspace that ever met, read by either side."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from proto.permissions import Permission, Role
from subgraphs.auth import errors
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.memberships import Membership, MembershipId
from subgraphs.auth.domain.roles import RoleId
from subgraphs.auth.domain.users import UserId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class MembershipDocument(Stored):
    """One person in one workspace."""

    workspace_id: UUID
    user_id: UUID
    role: Role | None
    role_id: UUID | None = None
    named: list[Permission] = Field(default_factory=list)
    suspended: bool = False
    active: bool
    created_at: datetime

    class Settings:
        name = "memberships"
        keep_nulls = False
        indexes = (
            IndexModel([("user_id", ASCENDING), ("workspace_id", ASCENDING)], name="person", unique=True),
            # Equality and then the time-ordered id: a page is one range of this index.
            IndexModel([("workspace_id", ASCENDING), ("active", ASCENDING), ("_id", ASCENDING)], name="page"),
        )

    @classmethod
    def of(cls, membership: Membership) -> Self:
        fields = asdict(membership) | {"named": sorted(membership.named)}
        return cls(**fields, active=membership.active)

    def entity(self) -> Membership:
        fields = self.plain()
        del fields["active"]
        return Membership(**fields | {"named": frozenset(self.named)})


class MongoMemberships:
    """Implements `service.ports.Memberships`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(MembershipDocument, context)

    async def find(self, workspace_id: WorkspaceId, user_id: UserId) -> Membership | None:
        found = await self._shelf.one({"user_id": user_id, "workspace_id": workspace_id})
        return None if found is None else found.entity()

    async def of_user(self, user_id: UserId) -> list[Membership]:
        found = await self._shelf.many({"user_id": user_id})
        return sorted((one.entity() for one in found if one.active), key=lambda membership: membership.id)

    async def of_workspace(
        self, workspace_id: WorkspaceId, *, after: MembershipId | None, limit: int
    ) -> list[Membership]:
        criteria: dict[str, Any] = {"workspace_id": workspace_id, "active": True}
        if after is not None:
            criteria["_id"] = {"$gt": after}
        return [found.entity() for found in await self._shelf.many(criteria, sort="_id", limit=limit)]

    async def everyone(self, workspace_id: WorkspaceId, *, role_id: RoleId | None = None) -> list[Membership]:
        criteria: dict[str, Any] = {"workspace_id": workspace_id}
        if role_id is not None:
            criteria |= {"active": True, "role_id": role_id}
        return [found.entity() for found in await self._shelf.many(criteria, sort="_id")]

    async def within(self, workspace_ids: Collection[WorkspaceId], user_ids: Collection[UserId]) -> list[Membership]:
        if not workspace_ids or not user_ids:
            return []
        criteria = {"user_id": {"$in": list(user_ids)}, "workspace_id": {"$in": list(workspace_ids)}}
        return [found.entity() for found in await self._shelf.many(criteria)]

    async def add(self, membership: Membership, *happenings: Happening) -> None:
        try:
            await self._shelf.add(MembershipDocument.of(membership), happenings)
        except DuplicateKeyError as error:
            raise errors.already_member() from error

    async def save(self, membership: Membership, *happenings: Happening) -> bool:
        return await self._shelf.save(MembershipDocument.of(membership), happenings)
