"""Owns the collection of invitations. A token is in it only inside the pending event that carries it to the mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from proto.permissions import Role
from subgraphs.auth.domain.happenings import Happening
from subgraphs.auth.domain.invitations import Invitation, InvitationId, State
from subgraphs.auth.domain.roles import RoleId
from subgraphs.auth.domain.workspaces import WorkspaceId
from subgraphs.auth.store.documents import Context, Shelf, Stored


class InvitationDocument(Stored):
    """One address asked into one workspace."""

    workspace_id: UUID
    email: str
    role: Role
    role_id: UUID | None = None
    inviter_id: UUID
    token_hash: bytes
    earlier_hash: bytes | None = None
    round: int = 1
    reminded_at: datetime | None = None
    state: State
    accepted_by: UUID | None = None
    expires_at: datetime
    created_at: datetime

    class Settings:
        name = "invitations"
        keep_nulls = False
        indexes = (
            IndexModel([("token_hash", ASCENDING)], name="token", unique=True),
            IndexModel([("earlier_hash", ASCENDING)], name="earlier_token", sparse=True),
            # Equality and then the time-ordered id: a page is one range of this index.
            IndexModel([("workspace_id", ASCENDING), ("_id", ASCENDING)], name="page"),
            IndexModel([("role_id", ASCENDING)], name="role", sparse=True),
            IndexModel(
                [("workspace_id", ASCENDING), ("email", ASCENDING)],
                name="pending_address",
                unique=True,
                partialFilterExpression={"state": State.PENDING.value},
            ),
        )

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(**asdict(invitation))

    def entity(self) -> Invitation:
        return Invitation(**self.plain())


class MongoInvitations:
    """Implements `service.ports.Invitations`."""

    def __init__(self, context: Context) -> None:
        self._shelf = Shelf(InvitationDocument, context)

    async def get(self, invitation_id: InvitationId) -> Invitation | None:
        found = await self._shelf.one({"_id": invitation_id})
        return None if found is None else found.entity()

    async def by_token(self, token_hash: bytes) -> Invitation | None:
        found = await self._shelf.one({"token_hash": token_hash})
        if found is None:
            found = await self._shelf.one({"earlier_hash": token_hash})
        return None if found is None else found.entity()

    async def page(self, workspace_id: WorkspaceId, *, after: InvitationId | None, limit: int) -> list[Invitation]:
        criteria: dict[str, Any] = {"workspace_id": workspace_id}
        if after is not None:
            criteria["_id"] = {"$lt": after}
        return [found.entity() for found in await self._shelf.many(criteria, sort="-_id", limit=limit)]

    async def with_role(self, role_id: RoleId) -> list[Invitation]:
        found = await self._shelf.many({"role_id": role_id, "state": State.PENDING.value})
        return [one.entity() for one in found]

    async def pending(self, workspace_id: WorkspaceId, email: str) -> Invitation | None:
        criteria = {"workspace_id": workspace_id, "email": email, "state": State.PENDING.value}
        found = await self._shelf.one(criteria)
        return None if found is None else found.entity()

    async def add(self, invitation: Invitation, *happenings: Happening) -> bool:
        try:
            await self._shelf.add(InvitationDocument.of(invitation), happenings)
        except DuplicateKeyError:
            return False
        return True

    async def save(self, invitation: Invitation, *happenings: Happening) -> bool:
        try:
            return await self._shelf.save(InvitationDocument.of(invitation), happenings)
        except DuplicateKeyError:
            return False
