"""What the use cases of recurrences need of a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.recurrences import Occurrence, Series

if TYPE_CHECKING:
    from subgraphs.task.service.ports import Page, Window


class Recurrences(Protocol):
    """Series, their occurrences and their events."""

    async def add(self, series: Series, event: Announcement) -> None: ...

    async def save(self, series: Series, events: Sequence[Announcement]) -> None: ...

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Series]: ...

    async def lock(self, series_id: UUID) -> Series | None:
        """Nobody else changes the series, or concludes one of its occurrences, until the end of the transaction."""

    async def of_projects(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Series]]:
        """Oldest first."""

    async def decide(self, series_id: UUID, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Records what is decided of new instants; one that was decided before stays as it is."""

    async def pending(self, series_id: UUID, limit: int) -> list[datetime]:
        """The instants still to be created, oldest first."""

    async def occurrence(self, series_id: UUID, scheduled_at: datetime) -> Occurrence | None: ...

    async def conclude(self, occurrence: Occurrence) -> bool:
        """Records what became of a pending occurrence; False when it is not pending any more."""

    async def previous_is_open(self, series_id: UUID) -> bool:
        """Whether the task that the series created last waits for somebody."""

    async def latest(self, ids: Collection[UUID], many: int) -> dict[UUID, list[Occurrence]]:
        """The last decided occurrences of each series, newest first."""
