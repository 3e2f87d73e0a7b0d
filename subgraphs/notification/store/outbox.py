"""The pending `notification.created` events. Each waits inside its notification and leaves it when it was sent."""

from __future__ import annotations

from uuid import UUID

SHARDS = 16


def pending_key(user_id: UUID, seq: int) -> str:
    """Sorts by shard, then user, then the order in which the user's inbox grew."""
    return f"{user_id.int % SHARDS:02}:{user_id.hex}:{seq:012}"
