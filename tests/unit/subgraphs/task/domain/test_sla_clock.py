"""The clock of a task: what stops it moves the breach, and nothing that happens later undoes a breach."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ids import new_id
from subgraphs.task.domain.projects import Project, StatusCategory
from subgraphs.task.domain.sla import DEFAULT, PauseStatus, Terms, renamed
from subgraphs.task.domain.sla_clock import (
    Acknowledgement,
    Alert,
    Clock,
    HistoryEntry,
    SlaEventKind,
    SlaState,
    clock_of,
)
from subgraphs.task.domain.tasks import Task
from tests.unit.subgraphs.task.samples import NOW, a_project, a_task

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITING = replace(DEFAULT, pause_categories=(StatusCategory.BACKLOG,))


class Story:
    """A task with a deadline in ten days, and what happens to it."""

    def __init__(self, terms: Terms = WAITING) -> None:
        self.terms = terms
        self.project: Project = a_project()
        self.task: Task = a_task(self.project, due_at=NOW + 10 * DAY)
        self.changes: list[HistoryEntry] = []

    def moves(self, after: timedelta, status: str) -> "Story":
        state = self.project.status_named(status)
        before = self.task.status
        self._notes(
            after,
            status={"from": before.name, "to": state.name},
            statusCategory={"from": before.category.value, "to": state.category.value},
        )
        self.task = replace(self.task, status=state)
        return self

    def is_due(self, after: timedelta, due_at: datetime | None) -> "Story":
        before = self.task.due_at
        self._notes(after, dueAt={"from": before and before.isoformat(), "to": due_at and due_at.isoformat()})
        self.task = replace(self.task, due_at=due_at)
        return self

    def is_deleted(self, after: timedelta) -> "Story":
        self._notes(after, deletedAt={"from": None, "to": (NOW + after).isoformat()})
        self.task = replace(self.task, deleted_at=NOW + after)
        return self

    def clock(self, after: timedelta, **more: Any) -> Clock:
        found = clock_of(self.task, self.terms, self.changes, now=NOW + after, **more)
        assert found is not None
        return found

    def _notes(self, after: timedelta, **changes: Any) -> None:
        self.changes.append(HistoryEntry(at=NOW + after, changes=changes))


def kinds(clock: Clock) -> list[SlaEventKind]:
    return [event.kind for event in clock.history]


def test_without_a_deadline_there_is_no_clock() -> None:
    assert clock_of(a_task(), DEFAULT, [], now=NOW) is None


def test_a_clock_runs_from_on_track_over_at_risk_to_breached() -> None:
    story = Story()
    assert story.clock(DAY).state is SlaState.ON_TRACK
    assert story.clock(DAY).remaining == 9 * DAY
    assert story.clock(9 * DAY).state is SlaState.AT_RISK
    breached = story.clock(11 * DAY)
    assert (breached.state, breached.remaining) == (SlaState.BREACHED, -DAY)
    assert kinds(breached) == [SlaEventKind.STARTED, SlaEventKind.BREACHED]


def test_a_pause_moves_the_breach_by_its_length() -> None:
    story = Story().moves(2 * DAY, "Backlog")
    paused = story.clock(5 * DAY)
    assert (paused.state, paused.paused, paused.paused_for) == (SlaState.PAUSED, True, 3 * DAY)
    story.moves(6 * DAY, "In Progress")
    again = story.clock(7 * DAY)
    assert (again.state, again.breach_at, again.paused_for) == (SlaState.ON_TRACK, NOW + 14 * DAY, 4 * DAY)
    assert kinds(again) == [SlaEventKind.STARTED, SlaEventKind.PAUSED, SlaEventKind.RESUMED]


def test_a_named_state_stops_the_clock_also_after_it_was_renamed() -> None:
    story = Story()
    state = story.project.status_named("In Review")
    named = (PauseStatus(id=state.id, name="In Review"),)
    statuses = tuple(replace(one, name="Review") if one.id == state.id else one for one in story.project.statuses)
    story.moves(DAY, "In Review").moves(2 * DAY, "Todo")
    story.project = replace(story.project, statuses=statuses)
    story.terms = renamed(replace(DEFAULT, pause_statuses=named), story.project)
    assert story.moves(3 * DAY, "Review").clock(5 * DAY).paused_for == 3 * DAY


def test_a_pause_after_the_breach_undoes_nothing() -> None:
    story = Story().moves(12 * DAY, "Backlog")
    clock = story.clock(20 * DAY)
    assert (clock.state, clock.breach_at, clock.paused_for) == (SlaState.BREACHED, NOW + 10 * DAY, timedelta())


def test_another_deadline_starts_another_clock() -> None:
    story = Story().moves(DAY, "Backlog").moves(3 * DAY, "Todo").is_due(4 * DAY, NOW + 20 * DAY)
    clock = story.clock(5 * DAY)
    assert (clock.breach_at, clock.paused_for) == (NOW + 20 * DAY, timedelta())
    assert [event.at for event in clock.history] == [NOW + 4 * DAY]


def test_a_deadline_that_was_taken_away_and_given_again_starts_anew() -> None:
    story = Story().moves(DAY, "Backlog").is_due(2 * DAY, None).is_due(3 * DAY, NOW + 10 * DAY)
    assert story.clock(4 * DAY).paused_for == DAY


def test_a_closed_task_has_met_or_missed_its_deadline() -> None:
    assert Story().moves(9 * DAY, "Done").clock(30 * DAY).state is SlaState.MET
    missed = Story().moves(11 * DAY, "Done").clock(30 * DAY)
    assert missed.state is SlaState.MISSED
    assert kinds(missed) == [SlaEventKind.STARTED, SlaEventKind.BREACHED, SlaEventKind.CLOSED]
    assert Story().moves(9 * DAY, "Cancelled").clock(30 * DAY).state is SlaState.STOPPED
    assert Story().is_deleted(DAY).clock(2 * DAY).state is SlaState.STOPPED


def test_a_reopened_task_goes_on() -> None:
    story = Story().moves(DAY, "Done").moves(3 * DAY, "Todo")
    clock = story.clock(4 * DAY)
    assert (clock.state, clock.breach_at) == (SlaState.ON_TRACK, NOW + 10 * DAY)
    assert kinds(clock) == [SlaEventKind.STARTED, SlaEventKind.CLOSED, SlaEventKind.REOPENED]


def test_what_was_told_and_who_took_over_stand_in_the_history_of_their_deadline() -> None:
    story, due_at, person = Story(), NOW + 10 * DAY, new_id()
    alerts = [
        Alert(id=new_id(), kind=SlaEventKind.REMINDED, due_at=due_at, at=NOW + 9 * DAY, late=True),
        Alert(id=new_id(), kind=SlaEventKind.REMINDED, due_at=NOW, at=NOW, late=False),
    ]
    taken = Acknowledgement(due_at=due_at, user_id=person, at=NOW + 11 * DAY)
    clock = story.clock(12 * DAY, alerts=alerts, acknowledgements=[taken])
    assert (clock.state, clock.acknowledged) == (SlaState.ACKNOWLEDGED, True)
    assert kinds(clock) == [
        SlaEventKind.STARTED,
        SlaEventKind.REMINDED,
        SlaEventKind.BREACHED,
        SlaEventKind.ACKNOWLEDGED,
    ]
    assert clock.history[1].late
    assert clock.history[-1].user_ids == (person,)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 100), st.sampled_from(["Backlog", "Todo", "In Progress"])), max_size=8))
def test_the_breach_is_the_deadline_and_every_minute_paused_before_it(moves: list[tuple[int, str]]) -> None:
    story, hours = Story(), 0
    for wait, status in moves:
        hours += wait
        if story.task.status.name != status:
            story.moves(hours * HOUR, status)
    end = hours + 1
    clock = story.clock(end * HOUR)
    # Hour by hour, as slowly as possible.
    breach, status, queue = 240, "Todo", list(story.changes)
    for hour in range(end):
        while queue and queue[0].at <= NOW + hour * HOUR:
            status = queue.pop(0).changes["status"]["to"]
        entered = max((one.at for one in story.changes if one.at <= NOW + hour * HOUR), default=NOW)
        if status == "Backlog" and entered < NOW + breach * HOUR:
            breach += 1
    assert clock.breach_at == NOW + breach * HOUR
