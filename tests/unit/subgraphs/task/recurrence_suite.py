"""What every store must do for recurrences: run against the one in memory and against PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kit.ids import new_id
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.recurrence_rules import RuleDraft
from subgraphs.task.domain.recurrences import (
    CatchUp,
    Occurrence,
    Outcome,
    Overlap,
    Series,
    SeriesDraft,
    SeriesState,
    Template,
    announced,
    new_series,
    stepped,
)
from subgraphs.task.domain.tasks import Priority
from subgraphs.task.service.ports import Store, Window
from tests.unit.subgraphs.task.port_suite import stored_project
from tests.unit.subgraphs.task.samples import NOW, a_caller


def a_rule(cron: str = "0 9 * * *", **details: Any) -> RuleDraft:
    return RuleDraft(time_zone="Europe/Berlin", cron=cron, **details)


def a_series(project: Project, **details: Any) -> Series:
    draft = SeriesDraft(project_id=project.id, rule=a_rule(), template=Template(title="Water the plants"))
    return new_series(
        replace(draft, **details),
        project=project,
        series_id=new_id(),
        creator_id=new_id(),
        shortest=timedelta(seconds=1),
        now=NOW,
    )


def an_occurrence(series: Series, at: datetime = NOW, outcome: Outcome = Outcome.PENDING) -> Occurrence:
    return Occurrence(
        series_id=series.id, workspace_id=series.workspace_id, scheduled_at=at, outcome=outcome, decided_at=NOW
    )


async def stored_series(store: Store, project: Project, **details: Any) -> Series:
    series = a_series(project, **details)
    async with store.write([project.workspace_id]) as work:
        await work.recurrences.add(series, announced(series, event_id=new_id(), actor_id=new_id()))
    return series


class RecurrenceRowsSuite:
    async def test_a_series_comes_back_as_it_was_written(self, store: Store) -> None:
        project = await stored_project(store)
        series = await stored_series(
            store,
            project,
            rule=a_rule(ends_at=NOW + timedelta(days=99), count=7, exceptions=(NOW + timedelta(days=3),)),
            template=Template(
                title="Water",
                description="All",
                priority=Priority.HIGH,
                assignee_ids=(new_id(),),
                due_after=timedelta(hours=3),
            ),
            overlap=Overlap.SKIP,
            catch_up=CatchUp.LATEST,
            catch_up_within=timedelta(days=2),
        )
        turned = stepped(series, now=NOW + timedelta(hours=1), state=SeriesState.PAUSED)
        async with store.write([project.workspace_id]) as work:
            assert await work.recurrences.lock(series.id) == series
            await work.recurrences.save(turned, [])
        async with store.read([project.workspace_id]) as work:
            assert await work.recurrences.find([series.id, new_id()]) == {series.id: turned}

    async def test_series_are_of_their_tenant_and_come_in_pages(self, store: Store) -> None:
        project = await stored_project(store)
        first, second = await stored_series(store, project), await stored_series(store, project)
        async with store.read([project.workspace_id]) as work:
            page = (await work.recurrences.of_projects([project.id], Window(1)))[project.id]
            assert ([one.id for one in page.items], page.has_next) == ([first.id], True)
            rest = (await work.recurrences.of_projects([project.id], Window(5, first.id)))[project.id]
            assert ([one.id for one in rest.items], rest.has_next) == ([second.id], False)
        async with store.write(a_caller(new_id())) as work:
            assert await work.recurrences.find([first.id]) == {}
            assert await work.recurrences.lock(first.id) is None

    async def test_an_instant_is_decided_once_and_concluded_once(self, store: Store) -> None:
        project = await stored_project(store)
        series = await stored_series(store, project)
        later = datetime(2030, 2, 1, tzinfo=UTC)
        async with store.write([project.workspace_id]) as work:
            await work.recurrences.decide(series.id, [an_occurrence(series, later), an_occurrence(series)], NOW)
            await work.recurrences.decide(series.id, [an_occurrence(series, outcome=Outcome.MISSED)], NOW)
            assert await work.recurrences.pending(series.id, 5) == [NOW, later]
            assert await work.recurrences.pending(series.id, 1) == [NOW]
        failed = replace(an_occurrence(series, outcome=Outcome.FAILED), reason="NOT_FOUND")
        async with store.write([project.workspace_id]) as work:
            assert await work.recurrences.conclude(failed)
            assert not await work.recurrences.conclude(replace(failed, outcome=Outcome.OVERLAPPED))
            assert await work.recurrences.occurrence(series.id, NOW) == failed
            assert await work.recurrences.occurrence(series.id, later + timedelta(1)) is None
            assert not await work.recurrences.previous_is_open(series.id)
            latest = (await work.recurrences.latest([series.id], 5))[series.id]
            assert [one.scheduled_at for one in latest] == [later, NOW]
