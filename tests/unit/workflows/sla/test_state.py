"""The rules of the clock: newest version wins in any order, each alert once per deadline, nothing after the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.sla import state as rules
from workflows.sla.types import Alert, SlaState, TaskChange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def change(version: int, due_in: timedelta | None = timedelta(days=3), **other: bool) -> TaskChange:
    return TaskChange(
        version=version,
        due_at=None if due_in is None else NOW + due_in,
        open=other.get("open", True),
        deleted=other.get("deleted", False),
        known_at=NOW + timedelta(seconds=version),
    )


deadlines = st.none() | st.sampled_from([timedelta(hours=hours) for hours in (1, 12, 30, 100)])
histories = st.lists(st.tuples(deadlines, st.booleans(), st.booleans()), min_size=1, max_size=8).map(
    lambda parts: [
        change(version, due, open=open_, deleted=deleted) for version, (due, open_, deleted) in enumerate(parts, 1)
    ]
)


@given(histories.flatmap(lambda told: st.tuples(st.just(told), st.lists(st.sampled_from(told)), st.permutations(told))))
def test_order_and_repetition_do_not_matter(
    data: tuple[list[TaskChange], list[TaskChange], list[TaskChange]],
) -> None:
    told, noise, shuffled = data
    state = SlaState()
    for one in [*noise, *shuffled, *noise]:
        state = rules.applied(state, one)
    assert state.latest is not None
    assert replace(state.latest, known_at=NOW) == replace(told[-1], known_at=NOW)
    assert rules.ended(state) == (not rules.is_watched(told[-1]))


@given(histories)
def test_each_alert_is_given_once_per_deadline(told: list[TaskChange]) -> None:
    state = SlaState()
    for one in told:
        state = rules.applied(state, one)
        while (step := rules.next_step(state, NOW)) is not None:
            assert rules.is_watched(one)
            state = rules.given(state, step)
    assert len(set(state.fired)) == len(state.fired)
    deadlines_watched = {one.due_at for one in told if rules.is_watched(one)}
    assert {fired.due_at for fired in state.fired} == deadlines_watched


def test_the_reminder_comes_a_day_before_and_then_the_escalation() -> None:
    state = rules.applied(SlaState(), change(1))
    reminder = rules.next_step(state, NOW)
    assert reminder is not None
    assert (reminder.alert, reminder.at) == (Alert.REMINDER, NOW + timedelta(days=2))
    escalation = rules.next_step(rules.given(state, reminder), NOW)
    assert escalation is not None
    assert (escalation.alert, escalation.at) == (Alert.ESCALATION, NOW + timedelta(days=3))


def test_with_less_than_a_day_left_the_reminder_is_due_when_the_deadline_is_known() -> None:
    step = rules.next_step(rules.applied(SlaState(), change(1, timedelta(hours=2))), NOW)
    assert step is not None
    assert step.at == NOW + timedelta(seconds=1)


def test_another_change_does_not_make_a_missed_reminder_punctual() -> None:
    state = rules.applied(SlaState(), change(1, timedelta(hours=2)))
    state = rules.applied(state, replace(change(9, timedelta(hours=2)), known_at=NOW + timedelta(hours=1)))
    step = rules.next_step(state, NOW)
    assert step is not None
    assert step.at == NOW + timedelta(seconds=1)


def test_the_owner_is_believed_at_the_same_version_and_not_at_an_older_one() -> None:
    state = rules.applied(SlaState(), change(5))
    assert rules.ended(rules.corrected(state, change(5, open=False)))
    assert rules.corrected(state, change(4, open=False)) == state
    assert rules.ended(rules.corrected(state, change(6, deleted=True)))


def test_nothing_is_ended_before_anything_is_known() -> None:
    assert not rules.ended(SlaState())
    assert rules.next_step(SlaState(), NOW) is None


def test_half_a_minute_is_not_late() -> None:
    assert not rules.is_late(NOW, NOW + timedelta(seconds=30))
    assert rules.is_late(NOW, NOW + timedelta(seconds=31))
