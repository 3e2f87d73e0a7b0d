"""Rows of consumed events. Invariant: an event is recorded in the commit of its effect."""

from uuid import UUID

from kit.kafka.postgres import first_time
from subgraphs.task.store.connection import Connection

GROUP = "task"
"""The consumer group whose events these are."""


class InboxRows:
    """Implements the port `Inbox`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, event_id: UUID) -> bool:
        return await first_time(self._connection, GROUP, event_id)

    async def mark_ignored(self, event_id: UUID) -> None:
        await self._connection.execute(
            "UPDATE inbox SET applied = false WHERE consumer = $1 AND event_id = $2", GROUP, event_id
        )
