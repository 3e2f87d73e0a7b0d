"""Collection `memberships`: snapshots of who belongs where, replaced only by newer ones; removals stay as such."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from beanie import Document

from kit.ids import derive_id
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.store.mongo import reachable
from subgraphs.notification.store.transactions import Session, Transactions


class MembershipDocument(Document):
    """The newest that auth told of a user in a workspace."""

    id: UUID  # type: ignore[assignment]  # derived from workspace and user
    workspace_id: UUID
    user_id: UUID
    role: str | None
    version: int

    class Settings:
        name = "memberships"

    @classmethod
    def of(cls, membership: Membership) -> MembershipDocument:
        return cls(
            id=_id(membership.workspace_id, membership.user_id),
            workspace_id=membership.workspace_id,
            user_id=membership.user_id,
            role=membership.role,
            version=membership.version,
        )

    def membership(self) -> Membership:
        return Membership(workspace_id=self.workspace_id, user_id=self.user_id, role=self.role, version=self.version)


class MongoMemberships:
    """`service.ports.Memberships`."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def find(self, workspace_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, Membership]:
        ids = [_id(workspace_id, user_id) for user_id in user_ids]
        with reachable():
            found = await MembershipDocument.find({"_id": {"$in": ids}}).to_list()
        return {document.user_id: document.membership() for document in found}

    async def keep(self, membership: Membership) -> None:
        with reachable():
            await self._transactions.run(partial(take_membership, membership))


async def take_membership(membership: Membership, session: Session) -> None:
    """Stores it unless a newer one is there, as a part of a transaction."""
    document = MembershipDocument.of(membership)
    stored = await MembershipDocument.get(document.id, session=session)
    if stored is None:
        await document.insert(session=session)
    elif stored.version < membership.version:
        await document.replace(session=session)


def _id(workspace_id: UUID, user_id: UUID) -> UUID:
    return derive_id("membership", workspace_id, user_id)
