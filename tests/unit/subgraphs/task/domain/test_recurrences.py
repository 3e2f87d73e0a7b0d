"""What a series owes: each instant once, whatever the policy, the outages and the changes on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.ids import new_id
from subgraphs.task.domain.recurrence_rules import RuleDraft, occurrences
from subgraphs.task.domain.recurrences import (
    MOST_CAUGHT_UP,
    MOST_MISSED_KEPT,
    CatchUp,
    Occurrence,
    Outcome,
    Series,
    SeriesPatch,
    SeriesState,
    Template,
    check_template,
    check_version,
    draft_of,
    occurrence_key,
    revise_series,
    settle,
    turned,
    upcoming,
)
from tests.unit.subgraphs.task.recurrence_suite import a_rule, a_series
from tests.unit.subgraphs.task.samples import NOW, a_project

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUICK = timedelta(seconds=1)


def outcomes(series: Series, now: datetime) -> list[Outcome]:
    return [one.outcome for one in settle(series, now).decided]


def hourly(**details: object) -> Series:
    return a_series(a_project(), rule=a_rule("0 * * * *"), **details)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30 * 60), min_size=1, max_size=8), st.sampled_from([CatchUp.ALL, CatchUp.LATEST]))
def test_every_instant_is_decided_once_however_often_the_series_is_asked(pauses: list[int], catch_up: CatchUp) -> None:
    series, now = hourly(catch_up=catch_up, catch_up_within=60 * DAY), NOW
    decided: list[Occurrence] = []
    for minutes in pauses:
        now += timedelta(minutes=minutes)
        told = settle(series, now)
        assert settle(told.series, now).decided == (), "nothing is left at that moment"
        series = told.series
        decided += told.decided
    expected = list(takewhile(lambda instant: instant <= now, occurrences(series.rule, NOW - QUICK)))
    assert [one.scheduled_at for one in decided][-MOST_MISSED_KEPT:] == expected[-MOST_MISSED_KEPT:]
    if catch_up is CatchUp.ALL:
        assert {one.outcome for one in decided} <= {Outcome.PENDING}


class TestCatchUp:
    """An outage from 12:00 to 17:30."""

    now = NOW + timedelta(hours=5, minutes=30)

    def test_all(self) -> None:
        assert outcomes(hourly(), self.now) == [Outcome.PENDING] * 6

    def test_all_within_a_window(self) -> None:
        series = hourly(catch_up_within=2 * HOUR)
        assert outcomes(series, self.now) == [Outcome.MISSED] * 4 + [Outcome.PENDING] * 2

    def test_the_latest(self) -> None:
        assert outcomes(hourly(catch_up=CatchUp.LATEST), self.now) == [Outcome.MISSED] * 5 + [Outcome.PENDING]

    def test_none(self) -> None:
        series = hourly(catch_up=CatchUp.NONE)
        assert outcomes(series, self.now) == [Outcome.MISSED] * 6
        punctual = settle(series, self.now).series
        assert outcomes(punctual, NOW + 6 * HOUR + timedelta(seconds=40)) == [Outcome.PENDING]

    def test_an_outage_of_months_costs_and_keeps_no_more_than_its_last_days(self) -> None:
        told = settle(hourly(catch_up=CatchUp.LATEST), NOW + 300 * DAY)
        assert [one.outcome for one in told.decided].count(Outcome.MISSED) == MOST_MISSED_KEPT
        assert [one.outcome for one in told.decided].count(Outcome.PENDING) == 1

    def test_what_is_caught_up_at_once_has_a_limit(self) -> None:
        told = settle(hourly(catch_up_within=90 * DAY), NOW + 90 * DAY)
        assert [one.outcome for one in told.decided].count(Outcome.PENDING) == MOST_CAUGHT_UP


class TestChanges:
    def test_a_series_without_a_future_has_ended(self) -> None:
        series = a_series(a_project(), rule=a_rule(count=2))
        first = settle(series, NOW + DAY)
        assert first.series.state is SeriesState.ACTIVE
        last = settle(first.series, NOW + 2 * DAY)
        assert (last.series.state, last.series.version) == (SeriesState.ENDED, 2)
        assert [one.outcome for one in last.decided] == [Outcome.PENDING]
        assert upcoming(last.series, NOW, 3) == []

    def test_what_comes_due_during_a_pause_is_left_out(self) -> None:
        paused = turned(hourly(), SeriesState.PAUSED, now=NOW)
        assert settle(paused, NOW + DAY).decided == ()
        assert upcoming(paused, NOW, 3) == []
        again = turned(settle(paused, NOW + DAY).series, SeriesState.ACTIVE, now=NOW + DAY)
        assert outcomes(again, NOW + DAY + HOUR) == [Outcome.PENDING]
        assert turned(again, SeriesState.ACTIVE, now=NOW + DAY) is again

    def test_an_edit_is_about_the_future_alone(self) -> None:
        told = settle(hourly(), NOW + 3 * HOUR)
        patch = SeriesPatch(rule=a_rule("30 * * * *"))
        revised = revise_series(told.series, patch, shortest=QUICK, now=NOW + 3 * HOUR)
        assert [one.scheduled_at.minute for one in settle(revised, NOW + 5 * HOUR).decided] == [30, 30]
        assert revised.version == 2
        assert revise_series(revised, SeriesPatch(), shortest=QUICK, now=NOW) is revised

    def test_an_edited_interval_goes_on_from_the_start_of_the_series(self) -> None:
        every_other = RuleDraft(time_zone="UTC", rrule="FREQ=DAILY;INTERVAL=2;BYHOUR=9;BYMINUTE=0;BYSECOND=0")
        series = a_series(a_project(), rule=every_other)
        later = NOW + 3 * DAY
        again = revise_series(settle(series, later).series, SeriesPatch(rule=every_other), shortest=QUICK, now=later)
        assert upcoming(again, later, 1) == upcoming(series, later, 1)


class TestTemplate:
    def test_the_deadline_counts_from_the_instant(self) -> None:
        series = a_series(a_project(), template=Template(title="Water", due_after=2 * HOUR))
        draft = draft_of(series, NOW, [])
        assert (draft.title, draft.due_at, draft.project_id) == ("Water", NOW + 2 * HOUR, series.project_id)

    @pytest.mark.parametrize(
        ("template", "field"),
        [
            (Template(title=" "), "title"),
            (Template(title="x", due_after=timedelta()), "dueAfter"),
            (Template(title="x", due_after=timedelta(days=999)), "dueAfter"),
            (Template(title="x", assignee_ids=tuple(new_id() for _ in range(51))), "assigneeIds"),
        ],
    )
    def test_a_wrong_one_is_refused_with_the_field(self, template: Template, field: str) -> None:
        with pytest.raises(DomainError) as refused:
            check_template(template)
        assert field in refused.value.fields


def test_a_wrong_window_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        hourly(catch_up_within=timedelta(seconds=1))
    assert "catchUpWithin" in refused.value.fields


def test_another_version_is_refused() -> None:
    series = hourly()
    check_version(series, None)
    check_version(series, 1)
    with pytest.raises(DomainError) as refused:
        check_version(series, 2)
    assert refused.value.code == "VERSION_CONFLICT"


def test_the_key_of_an_occurrence_is_its_series_and_instant() -> None:
    series = replace(hourly(), id=new_id())
    assert occurrence_key(series.id, datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)) == (
        f"recurrence/{series.id}/2030-01-02T03:04:05Z"
    )


def test_an_occurrence_at_the_moment_of_the_creation_belongs_to_the_series() -> None:
    assert [one.scheduled_at for one in settle(hourly(), NOW).decided] == [NOW]
