"""Rows of idempotency keys. Invariant: a key is taken in the commit of its effect, so it outlives no failed one."""

from datetime import datetime
from uuid import UUID

from subgraphs.task.errors import idempotency_mismatch
from subgraphs.task.service.ports import KeyUse
from subgraphs.task.store.connection import Connection

# A second transaction with the same key waits here until the first one ends, and then takes or reads the key.
_CLAIM = """
INSERT INTO idempotency_keys (caller, key, workspace_id, request_hash, entity_id, at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
RETURNING true
"""
_FIND = "SELECT request_hash, entity_id FROM idempotency_keys WHERE caller = $1 AND key = $2"


class KeyRows:
    """Implements the port `IdempotencyKeys`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, use: KeyUse) -> UUID | None:
        row = await self._connection.fetchrow(_FIND, use.caller, use.key)
        if row is None:
            return None
        if row["request_hash"] != use.request_hash:
            raise idempotency_mismatch(use.key)
        entity_id: UUID = row["entity_id"]
        return entity_id

    async def claim(self, use: KeyUse, *, workspace_id: UUID, entity_id: UUID, now: datetime) -> UUID | None:
        claimed = await self._connection.fetchval(
            _CLAIM, use.caller, use.key, workspace_id, use.request_hash, entity_id, now
        )
        if claimed:
            return None
        earlier = await self.find(use)
        if earlier is None:
            # The key was used in a workspace that this transaction does not see: surely another request.
            raise idempotency_mismatch(use.key)
        return earlier
