"""Use cases of recurrences.

Invariant: whatever changes a series settles it first, in the same transaction, so what it owes is neither lost nor
decided anew; the task of an occurrence is created in the commit that concludes the occurrence.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from kit.clock import Clock
from kit.errors import DomainError, unavailable
from proto.permissions import TABLE, Permission, Role
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ensure_open, may_see
from subgraphs.task.domain.recurrence_rules import SHORTEST_PACE, RuleDraft, check_rule, occurrences
from subgraphs.task.domain.recurrences import (
    Occurrence,
    Outcome,
    Overlap,
    Series,
    SeriesDraft,
    SeriesPatch,
    SeriesState,
    announced,
    check_version,
    draft_of,
    new_series,
    revise_series,
    settle,
    turned,
    upcoming,
)
from subgraphs.task.domain.tasks import Task
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import invalid, not_found, series_ended
from subgraphs.task.service.memberships import Memberships, Viewer, require
from subgraphs.task.service.ports import Page, Store, Window, Work
from subgraphs.task.service.projects import check_members
from subgraphs.task.service.tasks import Occasion, Tasks

MOST_PREVIEWED = 100
MOST_DUE_AT_ONCE = 100
FED_AHEAD = 10

Change: TypeAlias = Callable[[Series, datetime], Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a series wants of its workflow: to create the due ones, and to be asked again at the next ones."""

    series: Series
    due: tuple[datetime, ...]
    more: bool
    next: tuple[datetime, ...]


class NotNow(Exception):
    """The transaction of an occurrence's creation must leave nothing behind, for this reason."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrences:
    """What can be done with series of recurring tasks."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]
    tasks: Tasks
    memberships: Memberships
    shortest: timedelta = SHORTEST_PACE

    async def create(self, viewer: Viewer, draft: SeriesDraft) -> Series:
        """A new series.

        Raises:
            DomainError: NOT_FOUND project, FORBIDDEN, invalid, NOT_A_MEMBER, PROJECT_ARCHIVED, PROJECT_DELETED.
        """

        async def run(caller: Caller) -> Series:
            async with self.store.write(caller) as work:
                project = await _project(work, caller, draft.project_id)
                series = new_series(
                    draft,
                    project=project,
                    series_id=self.new_id(),
                    creator_id=caller.user_id,
                    shortest=self.shortest,
                    now=self.clock.now(),
                )
                await check_members(work, "assigneeIds", project.workspace_id, series.template.assignee_ids)
                await work.recurrences.add(series, announced(series, event_id=self.new_id(), actor_id=caller.user_id))
                return await work.answer(series)

        return await viewer.attempt(run)

    async def update(
        self, viewer: Viewer, series_id: UUID, patch: SeriesPatch, *, expected_version: int | None = None
    ) -> Series:
        """The series after the patch, which is about the future alone.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, SERIES_ENDED, invalid, NOT_A_MEMBER.
        """

        def change(series: Series, now: datetime) -> Series:
            return revise_series(series, patch, shortest=self.shortest, now=now)

        named = () if patch.template is UNSET else patch.template.assignee_ids
        return await self._change(viewer, series_id, change, expected_version, come=named)

    async def turn(
        self, viewer: Viewer, series_id: UUID, state: SeriesState, *, expected_version: int | None = None
    ) -> Series:
        """The series paused, going on, or ended for good. What comes due during a pause is not made up for.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, SERIES_ENDED.
        """

        def change(series: Series, now: datetime) -> Series:
            return turned(series, state, now=now)

        return await self._change(viewer, series_id, change, expected_version, again=state)

    async def _change(
        self,
        viewer: Viewer,
        series_id: UUID,
        change: Change,
        expected: int | None,
        *,
        come: Sequence[UUID] = (),
        again: SeriesState | None = None,
    ) -> Series:
        async def run(caller: Caller) -> Series:
            async with self.store.write(caller) as work:
                series = await work.recurrences.lock(series_id)
                if series is None:
                    raise not_found("recurrence")
                await _project(work, caller, series.project_id)
                check_version(series, expected)
                now = self.clock.now()
                settled = await _settled(work, series, now)
                if settled.state is SeriesState.ENDED and again is not SeriesState.ENDED:
                    raise series_ended()
                wanted = change(settled, now)
                await check_members(
                    work, "assigneeIds", series.workspace_id, set(come) - set(series.template.assignee_ids)
                )
                changed = await self._save(work, series, wanted, caller.user_id)
                return await work.answer(changed)

        return await viewer.attempt(run)

    async def find(self, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Series]:
        """Those of the series that the caller may see."""
        found = await self._find(viewer.caller, ids)
        if len(found) < len(ids) and await viewer.widen():
            found = await self._find(viewer.caller, ids)
        return found

    async def _find(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Series]:
        async with self.store.read(caller) as work:
            return await work.recurrences.find(ids)

    async def of_projects(self, viewer: Viewer, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Series]]:
        """The series of each project, oldest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.recurrences.of_projects(ids, window)

    async def latest(self, viewer: Viewer, ids: Collection[UUID], many: int) -> dict[UUID, list[Occurrence]]:
        """The last occurrences of each series with what became of them, newest first."""
        async with self.store.read(viewer.caller) as work:
            return await work.recurrences.latest(ids, _checked_many(many))

    def preview(self, draft: RuleDraft, many: int, after: datetime | None = None) -> list[datetime]:
        """The next instants of a rule that nobody has stored yet.

        Raises:
            DomainError: invalid.
        """
        now = self.clock.now()
        if after is not None and after.tzinfo is None:
            raise invalid("after", "after must carry an offset, such as 2030-01-31T17:00:00Z")
        rule = check_rule(draft, now=now, shortest=self.shortest)
        behind = now - timedelta(seconds=1) if after is None else after
        return list(islice(occurrences(rule, behind), _checked_many(many)))

    def coming(self, series: Series, many: int) -> list[datetime]:
        """The next instants of a series; none of one that is paused or has ended."""
        return upcoming(series, self.clock.now(), _checked_many(many))

    async def settle(self, workspace_id: UUID, series_id: UUID) -> Plan:
        """Decides what the series owes until now; for a worker that acts in the workspace.

        Raises:
            DomainError: NOT_FOUND.
        """
        async with self.store.write([workspace_id]) as work:
            series = await work.recurrences.lock(series_id)
            if series is None:
                raise not_found("recurrence")
            now = self.clock.now()
            settled = await self._save(work, series, await _settled(work, series, now), series.created_by)
            due = await work.recurrences.pending(series_id, MOST_DUE_AT_ONCE + 1)
        return Plan(
            series=settled,
            due=tuple(due[:MOST_DUE_AT_ONCE]),
            more=len(due) > MOST_DUE_AT_ONCE,
            next=tuple(upcoming(settled, now, FED_AHEAD)),
        )

    async def create_task(self, workspace_id: UUID, series_id: UUID, scheduled_at: datetime) -> Occurrence:
        """What became of a due occurrence, now or at an earlier call; for a worker that acts in the workspace.

        Raises:
            DomainError: NOT_FOUND, or what is only a matter of time.
        """
        async with self.store.read([workspace_id]) as work:
            series = (await work.recurrences.find([series_id])).get(series_id)
            occurrence = None if series is None else await work.recurrences.occurrence(series_id, scheduled_at)
            if series is None or occurrence is None:
                raise not_found("occurrence")
            if occurrence.outcome is not Outcome.PENDING:
                return occurrence
            assignees = await _those_who_stayed(work, series)
        return await self._create_task(series, occurrence, assignees)

    async def _create_task(self, series: Series, occurrence: Occurrence, assignees: Sequence[UUID]) -> Occurrence:
        async def conclude(work: Work, task: Task) -> None:
            await self._conclude(work, replace(occurrence, outcome=Outcome.CREATED, task_id=task.id))

        # The series acts for whoever made it, also when they have left since.
        caller = Caller(user_id=series.created_by, rights={series.workspace_id: TABLE[Role.ADMIN]})
        viewer = Viewer(caller, self.memberships, fixed=True)
        draft = draft_of(series, occurrence.scheduled_at, assignees)
        reason = None
        try:
            occasion = Occasion(as_of=occurrence.scheduled_at, conclude=conclude)
            await self.tasks.create(viewer, draft, occasion=occasion)
            outcome = Outcome.CREATED
        except NotNow as error:
            outcome = error.outcome
        except DomainError as error:
            if error.retryable:
                raise
            outcome, reason = Outcome.FAILED, error.code
        return await self._concluded(replace(occurrence, outcome=outcome, reason=reason))

    async def _conclude(self, work: Work, occurrence: Occurrence) -> None:
        series = await work.recurrences.lock(occurrence.series_id)
        if series is not None and series.overlap is Overlap.SKIP:
            earliest = await work.recurrences.pending(series.id, 1)
            if earliest and earliest[0] < occurrence.scheduled_at:
                raise unavailable("An earlier occurrence of the series comes first.")
            if await work.recurrences.previous_is_open(series.id):
                raise NotNow(Outcome.OVERLAPPED)
        if not await work.recurrences.conclude(replace(occurrence, decided_at=self.clock.now())):
            raise NotNow(Outcome.CREATED)

    async def _concluded(self, occurrence: Occurrence) -> Occurrence:
        """What the occurrence is in the end: recorded here unless its task, or somebody else, did that."""
        async with self.store.write([occurrence.workspace_id]) as work:
            if occurrence.outcome is not Outcome.CREATED:
                await work.recurrences.conclude(replace(occurrence, decided_at=self.clock.now()))
            found = await work.recurrences.occurrence(occurrence.series_id, occurrence.scheduled_at)
        if found is None:
            raise not_found("occurrence")
        return found

    async def _save(self, work: Work, before: Series, after: Series, actor_id: UUID) -> Series:
        if after != before:
            changed = after.version != before.version
            events = [announced(after, event_id=self.new_id(), actor_id=actor_id)] if changed else []
            await work.recurrences.save(after, events)
        return after


async def _settled(work: Work, series: Series, now: datetime) -> Series:
    settled = settle(series, now)
    if settled.decided:
        await work.recurrences.decide(series.id, settled.decided, now)
    return settled.series


async def _project(work: Work, caller: Caller, project_id: UUID) -> Project:
    project = (await work.projects.find([project_id])).get(project_id)
    if project is None:
        raise not_found("project")
    require(caller, Permission.RECURRENCE_MANAGE, project.workspace_id)
    ensure_open(project)
    return project


async def _those_who_stayed(work: Work, series: Series) -> list[UUID]:
    """Whoever has left the workspace or the project gets no more tasks; that stops no series."""
    wanted = series.template.assignee_ids
    project = (await work.projects.find([series.project_id])).get(series.project_id)
    if not wanted or project is None:
        return []
    members = await work.memberships.members(series.workspace_id, wanted)
    return [user_id for user_id in wanted if user_id in members and may_see(project, user_id)]


def _checked_many(many: int) -> int:
    if not 1 <= many <= MOST_PREVIEWED:
        raise invalid("first", f"first is 1 to {MOST_PREVIEWED}")
    return many
