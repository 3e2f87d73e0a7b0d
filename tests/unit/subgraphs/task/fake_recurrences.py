"""Series and occurrences in memory, as `service.recurrence_ports` promises them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.recurrences import Occurrence, Outcome, Series
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Page, Window


@dataclass
class RecurrenceState:
    """The rows; a copy of it is as good as the original until it is written to."""

    series: dict[UUID, Series] = field(default_factory=dict)
    occurrences: dict[tuple[UUID, datetime], Occurrence] = field(default_factory=dict)
    events: list[Announcement] = field(default_factory=list)

    def __copy__(self) -> "RecurrenceState":
        return RecurrenceState(dict(self.series), dict(self.occurrences), list(self.events))


@dataclass(frozen=True)
class FakeRecurrences:
    """Implements the port `Recurrences`."""

    state: RecurrenceState
    sees: Callable[[UUID], bool]
    task: Callable[[UUID], Task | None]

    async def add(self, series: Series, event: Announcement) -> None:
        await self.save(series, [event])

    async def save(self, series: Series, events: Sequence[Announcement]) -> None:
        self.state.series[series.id] = series
        self.state.events.extend(events)

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Series]:
        return {one: series for one in ids if (series := self._visible(one))}

    async def lock(self, series_id: UUID) -> Series | None:
        return self._visible(series_id)

    async def of_projects(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Series]]:
        return {one: self._page(one, window) for one in ids}

    async def decide(self, series_id: UUID, occurrences: Sequence[Occurrence], now: datetime) -> None:
        for occurrence in occurrences:
            self.state.occurrences.setdefault((series_id, occurrence.scheduled_at), occurrence)

    async def pending(self, series_id: UUID, limit: int) -> list[datetime]:
        return [one.scheduled_at for one in self._of(series_id) if one.outcome is Outcome.PENDING][:limit]

    async def occurrence(self, series_id: UUID, scheduled_at: datetime) -> Occurrence | None:
        return self.state.occurrences.get((series_id, scheduled_at))

    async def conclude(self, occurrence: Occurrence) -> bool:
        key = (occurrence.series_id, occurrence.scheduled_at)
        if self.state.occurrences[key].outcome is not Outcome.PENDING:
            return False
        self.state.occurrences[key] = occurrence
        return True

    async def previous_is_open(self, series_id: UUID) -> bool:
        created = [one.task_id for one in self._of(series_id) if one.task_id is not None]
        task = self.task(created[-1]) if created else None
        return task is not None and task.deleted_at is None and task.status.category.open

    async def latest(self, ids: Collection[UUID], many: int) -> dict[UUID, list[Occurrence]]:
        return {one: self._of(one)[::-1][:many] for one in ids}

    def _visible(self, series_id: UUID) -> Series | None:
        series = self.state.series.get(series_id)
        return series if series and self.sees(series.project_id) else None

    def _of(self, series_id: UUID) -> list[Occurrence]:
        found = [one for (of, _), one in self.state.occurrences.items() if of == series_id]
        return sorted(found, key=lambda one: one.scheduled_at)

    def _page(self, project_id: UUID, window: Window) -> Page[Series]:
        of_project = sorted(
            (one for one in self.state.series.values() if one.project_id == project_id and self.sees(project_id)),
            key=lambda one: one.id.int,
        )
        behind = [one for one in of_project if window.after is None or one.id.int > window.after.int]
        return Page(tuple(behind[: window.first]), len(behind) > window.first)
