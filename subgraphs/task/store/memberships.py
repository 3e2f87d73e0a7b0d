"""Rows of replicated memberships. Invariant: an older version never replaces a newer one, not even a removal."""

from collections.abc import Collection
from uuid import UUID

from proto.permissions import permissions_of
from subgraphs.task.domain.memberships import Membership, Rights
from subgraphs.task.store.connection import Connection

_PUT = """
INSERT INTO memberships AS known (workspace_id, user_id, role, workspace_name, version, permissions)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, user_id) DO UPDATE
SET role = excluded.role, workspace_name = excluded.workspace_name, version = excluded.version,
  permissions = excluded.permissions
WHERE known.version < excluded.version
RETURNING true
"""
_MEMBERS = """
SELECT user_id FROM memberships WHERE workspace_id = $1 AND user_id = ANY ($2::uuid[]) AND role IS NOT NULL
"""
_EVERYBODY = "SELECT user_id FROM memberships WHERE workspace_id = $1 AND role IS NOT NULL"
_OF_USER = "SELECT workspace_id, role, permissions FROM memberships WHERE user_id = $1 AND role IS NOT NULL"


class MembershipRows:
    """Implements the port `Memberships`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, membership: Membership) -> bool:
        stored = await self._connection.fetchval(
            _PUT,
            membership.workspace_id,
            membership.user_id,
            membership.role,
            membership.workspace_name,
            membership.version,
            sorted(membership.permissions),
        )
        return stored is True

    async def members(self, workspace_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
        rows = await self._connection.fetch(_MEMBERS, workspace_id, list(user_ids))
        return {row["user_id"] for row in rows}

    async def everybody(self, workspace_id: UUID) -> set[UUID]:
        return {row["user_id"] for row in await self._connection.fetch(_EVERYBODY, workspace_id)}

    async def of_user(self, user_id: UUID) -> dict[UUID, Rights]:
        rows = await self._connection.fetch(_OF_USER, user_id)
        return {row["workspace_id"]: permissions_of(row["role"], row["permissions"]) for row in rows}
