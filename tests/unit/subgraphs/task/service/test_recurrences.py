"""Occurrences become tasks: each once, in order, with what the policies say."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.errors import DomainError
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.recurrence_rules import RuleDraft
from subgraphs.task.domain.recurrences import (
    Occurrence,
    Outcome,
    Overlap,
    Series,
    SeriesDraft,
    SeriesPatch,
    SeriesState,
    Template,
)
from subgraphs.task.domain.tasks import MOST_ASSIGNEES, Task, TaskPatch
from tests.unit.subgraphs.task.recurrence_suite import a_rule
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.world import World

HOUR = timedelta(hours=1)


@dataclass
class Garden:
    """A project with an hourly series."""

    world: World = field(default_factory=World)

    async def series(self, project: Project | None = None, **details: Any) -> Series:
        project = project or await self.world.project()
        given: dict[str, Any] = {
            "rule": a_rule("0 * * * *"),
            "template": Template(title="Water", due_after=HOUR),
        } | details
        draft = SeriesDraft(project_id=project.id, **given)
        series: Series = await self.recurrences.create(self.world.viewer(), draft)
        return series

    @property
    def recurrences(self) -> Any:
        return self.world.services.recurrences

    async def run(self, series: Series) -> list[Occurrence]:
        """What a workflow does."""
        plan = await self.recurrences.settle(series.workspace_id, series.id)
        return [await self.create(series, instant) for instant in plan.due]

    async def create(self, series: Series, instant: datetime) -> Occurrence:
        found: Occurrence = await self.recurrences.create_task(series.workspace_id, series.id, instant)
        return found

    @property
    def tasks(self) -> list[Task]:
        return list(self.world.store.state.tasks.values())


@pytest.fixture
def garden() -> Garden:
    return Garden()


async def test_a_due_occurrence_becomes_a_task_of_the_template(garden: Garden) -> None:
    member = await garden.world.member()
    series = await garden.series(template=Template(title="Water", assignee_ids=(member,), due_after=2 * HOUR))
    [occurrence] = await garden.run(series)
    [task] = garden.tasks
    assert (occurrence.outcome, occurrence.task_id) == (Outcome.CREATED, task.id)
    assert (task.title, task.assignee_ids, task.reporter_id) == ("Water", (member,), garden.world.ada)
    assert task.due_at == NOW + 2 * HOUR


async def test_an_occurrence_is_created_once_however_often_and_by_how_many_it_is_asked_for(garden: Garden) -> None:
    series = await garden.series()
    plans = [await garden.recurrences.settle(series.workspace_id, series.id) for _ in range(3)]
    assert {plan.due for plan in plans} == {(NOW,)}
    found = await asyncio.gather(*(garden.create(series, NOW) for _ in range(5)))
    assert {one.task_id for one in found} == {garden.tasks[0].id}
    assert len(garden.tasks) == 1
    assert garden.tasks[0].number == 1


async def test_the_plan_says_when_to_ask_again(garden: Garden) -> None:
    series = await garden.series()
    plan = await garden.recurrences.settle(series.workspace_id, series.id)
    assert plan.next[:2] == (NOW + HOUR, NOW + 2 * HOUR)
    assert len(plan.next) == 10


async def test_everything_of_an_outage_is_created_in_its_order_although_deadlines_have_passed(garden: Garden) -> None:
    series = await garden.series()
    garden.world.clock.advance(5 * HOUR)
    found = await garden.run(series)
    assert [one.scheduled_at for one in found] == [NOW + number * HOUR for number in range(6)]
    assert [task.number for task in garden.tasks] == [1, 2, 3, 4, 5, 6]


async def test_many_are_told_in_parts(garden: Garden) -> None:
    series = await garden.series()
    garden.world.clock.advance(149 * HOUR)
    first = await garden.recurrences.settle(series.workspace_id, series.id)
    assert (len(first.due), first.more) == (100, True)
    for instant in first.due:
        await garden.create(series, instant)
    rest = await garden.recurrences.settle(series.workspace_id, series.id)
    assert (len(rest.due), rest.more) == (50, False)


def a_draft_of(series: Series) -> SeriesDraft:
    return SeriesDraft(project_id=series.project_id, rule=a_rule(), template=Template(title="x"))


class TestOverlap:
    async def test_while_the_task_before_is_open_nothing_is_created(self, garden: Garden) -> None:
        series = await garden.series(overlap=Overlap.SKIP)
        garden.world.clock.advance(2 * HOUR)
        assert [one.outcome for one in await garden.run(series)] == [
            Outcome.CREATED,
            Outcome.OVERLAPPED,
            Outcome.OVERLAPPED,
        ]
        [task] = garden.tasks
        await garden.world.services.tasks.update(garden.world.viewer(), task.id, TaskPatch(status="Done"))
        garden.world.clock.advance(HOUR)
        assert [one.outcome for one in await garden.run(series)] == [Outcome.CREATED]

    async def test_a_deleted_task_stands_in_nobodys_way(self, garden: Garden) -> None:
        series = await garden.series(overlap=Overlap.SKIP)
        await garden.run(series)
        await garden.world.services.tasks.delete(garden.world.viewer(), garden.tasks[0].id)
        garden.world.clock.advance(HOUR)
        assert [one.outcome for one in await garden.run(series)] == [Outcome.CREATED]

    async def test_no_occurrence_overtakes_an_earlier_one(self, garden: Garden) -> None:
        series = await garden.series(overlap=Overlap.SKIP)
        garden.world.clock.advance(HOUR)
        plan = await garden.recurrences.settle(series.workspace_id, series.id)
        with pytest.raises(DomainError) as refused:
            await garden.create(series, plan.due[1])
        assert refused.value.retryable
        assert garden.tasks == []


class TestWhoAndWhere:
    async def test_whoever_left_gets_no_task_and_stops_no_series(self, garden: Garden) -> None:
        series = await garden.series(template=Template(title="Water", assignee_ids=(await garden.world.member(),)))
        garden.world.store.state.memberships.clear()
        await garden.run(series)
        assert garden.tasks[0].assignee_ids == ()

    async def test_what_can_never_be_created_is_noted_and_stops_nothing(self, garden: Garden) -> None:
        project = await garden.world.project()
        series = await garden.series(project)
        admin = garden.world.viewer(role=Role.ADMIN)
        await garden.world.services.projects.archive(admin, project.id)
        [occurrence] = await garden.run(series)
        assert (occurrence.outcome, occurrence.reason) == (Outcome.FAILED, "PROJECT_ARCHIVED")
        assert await garden.create(series, NOW) == occurrence

    async def test_strangers_and_guests_change_nothing(self, garden: Garden) -> None:
        series = await garden.series()
        for viewer, code in ((garden.world.stranger(), "NOT_FOUND"), (self.guest(garden), "FORBIDDEN")):
            with pytest.raises(DomainError) as refused:
                await garden.recurrences.turn(viewer, series.id, SeriesState.PAUSED)
            assert refused.value.code == code
            with pytest.raises(DomainError) as refused:
                await garden.recurrences.create(viewer, a_draft_of(series))
            assert refused.value.code == code
        assert await garden.recurrences.find(garden.world.stranger(), [series.id]) == {}

    def guest(self, garden: Garden) -> Any:
        return garden.world.viewer(role=Role.GUEST, user_id=new_id())

    async def test_only_members_are_named(self, garden: Garden) -> None:
        with pytest.raises(DomainError) as refused:
            await garden.series(template=Template(title="x", assignee_ids=(new_id(),)))
        assert refused.value.code == "NOT_A_MEMBER"

    async def test_too_many_are_refused_before_anybody_is_asked_about_them(self, garden: Garden) -> None:
        series = await garden.series()
        crowd = Template(title="x", assignee_ids=tuple(new_id() for _ in range(MOST_ASSIGNEES + 1)))
        with pytest.raises(DomainError) as refused:
            await garden.recurrences.update(garden.world.viewer(), series.id, SeriesPatch(template=crowd))
        assert refused.value.code == "BAD_INPUT"
        assert garden.world.directory.asked == []

    async def test_what_never_was_is_said(self, garden: Garden) -> None:
        series = await garden.series()
        for asked in (
            garden.recurrences.settle(new_id(), series.id),
            garden.recurrences.create_task(series.workspace_id, series.id, NOW + HOUR / 2),
        ):
            with pytest.raises(DomainError) as refused:
                await asked
            assert refused.value.code == "NOT_FOUND"


class TestChanges:
    async def test_an_edit_in_the_middle_of_an_outage_keeps_what_was_owed(self, garden: Garden) -> None:
        series = await garden.series()
        garden.world.clock.advance(2 * HOUR)
        edited = await garden.recurrences.update(
            garden.world.viewer(), series.id, SeriesPatch(rule=a_rule("30 * * * *")), expected_version=1
        )
        garden.world.clock.advance(HOUR)
        found = await garden.run(edited)
        assert [one.scheduled_at - NOW for one in found] == [0 * HOUR, HOUR, 2 * HOUR, 2.5 * HOUR]

    async def test_a_pause_and_going_on(self, garden: Garden) -> None:
        series, viewer = await garden.series(), garden.world.viewer()
        await garden.run(series)
        paused = await garden.recurrences.turn(viewer, series.id, SeriesState.PAUSED)
        garden.world.clock.advance(5 * HOUR)
        assert await garden.run(paused) == []
        await garden.recurrences.turn(viewer, series.id, SeriesState.ACTIVE, expected_version=2)
        garden.world.clock.advance(HOUR)
        assert len(await garden.run(series)) == 1

    async def test_what_has_ended_stays_so(self, garden: Garden) -> None:
        series, viewer = await garden.series(), garden.world.viewer()
        ended = await garden.recurrences.turn(viewer, series.id, SeriesState.ENDED)
        assert (await garden.recurrences.turn(viewer, series.id, SeriesState.ENDED)) == ended
        for refused_change in (
            garden.recurrences.turn(viewer, series.id, SeriesState.ACTIVE),
            garden.recurrences.update(viewer, series.id, SeriesPatch(overlap=Overlap.SKIP)),
        ):
            with pytest.raises(DomainError) as refused:
                await refused_change
            assert refused.value.code == "SERIES_ENDED"

    async def test_every_change_is_announced_once_in_order(self, garden: Garden) -> None:
        series, viewer = await garden.series(), garden.world.viewer()
        await garden.run(series)
        await garden.recurrences.turn(viewer, series.id, SeriesState.PAUSED)
        await garden.recurrences.turn(viewer, series.id, SeriesState.PAUSED)
        await garden.recurrences.turn(viewer, series.id, SeriesState.ENDED)
        told = [event.data["recurrence"] for event in garden.world.store.state.recurrences.events]
        assert [(one["version"], one["state"]) for one in told] == [(1, "ACTIVE"), (2, "PAUSED"), (3, "ENDED")]
        assert {UUID(one["id"]) for one in told} == {series.id}

    async def test_another_version_is_refused(self, garden: Garden) -> None:
        series = await garden.series()
        with pytest.raises(DomainError) as refused:
            await garden.recurrences.turn(garden.world.viewer(), series.id, SeriesState.PAUSED, expected_version=9)
        assert refused.value.code == "VERSION_CONFLICT"


class TestPreview:
    @pytest.mark.parametrize("year", [2501, 9999])
    async def test_behind_the_last_moment_there_is_nothing(self, garden: Garden, year: int) -> None:
        draft = RuleDraft(time_zone="UTC", rrule="FREQ=DAILY")
        assert garden.recurrences.preview(draft, 10, datetime(year, 12, 31, tzinfo=UTC)) == []

    async def test_a_moment_without_an_offset_is_refused(self, garden: Garden) -> None:
        with pytest.raises(DomainError) as refused:
            garden.recurrences.preview(RuleDraft(time_zone="UTC", rrule="FREQ=DAILY"), 10, datetime(2030, 1, 1))  # noqa: DTZ001
        assert refused.value.code == "BAD_INPUT"
