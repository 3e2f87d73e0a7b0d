"""Rows of consumed events. Invariant: an event is recorded in the commit of its effect."""

from uuid import UUID

from subgraphs.task.store.connection import Connection

CONSUMER = "task"


class InboxRows:
    """Implements the port `Inbox`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, event_id: UUID) -> bool:
        taken = await self._connection.fetchval(
            "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
            CONSUMER,
            event_id,
        )
        return taken is True

    async def mark_ignored(self, event_id: UUID) -> None:
        await self._connection.execute(
            "UPDATE inbox SET applied = false WHERE consumer = $1 AND event_id = $2", CONSUMER, event_id
        )
