"""Owns the order of a policy's alerts: reminders before the breach, then the ladder, each once per deadline.

What could not be given in its time is not given again and again afterwards: of several reminders, and of several
repetitions of a step, the last one stands for all. An acknowledgement ends the ladder, a pause holds everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from workflows.sla.steps import Step
from workflows.sla.types import Alert, Rung, TaskChange, Terms

MOST_REPETITIONS = 100


def reminder_key(seconds: int) -> str:
    return f"reminder:{seconds}"


def rung_key(after_seconds: int, among_equals: int, repetition: int) -> str:
    """A step keeps its key when others are put before it."""
    return f"escalation:{after_seconds}:{among_equals}:{repetition}"


def next_by_policy(latest: TaskChange, terms: Terms, given: Collection[str], now: datetime) -> Step | None:
    """The alert that comes next, or None when nothing comes until something changes."""
    if terms.paused or terms.breach_at is None or latest.due_at is None:
        return None
    known_at = max(latest.known_at, terms.known_at)
    found = [step for step in _candidates(latest.due_at, terms, terms.breach_at, given, now) if step is not None]
    steps = [
        Step(step.alert, max(step.at, known_at), step.due_at, step.key, step.rung, step.instead_of) for step in found
    ]
    return min(steps, key=lambda step: step.at, default=None)


def _candidates(
    due_at: datetime, terms: Terms, breach_at: datetime, given: Collection[str], now: datetime
) -> Iterator[Step | None]:
    yield _reminder(due_at, terms, breach_at, given, now)
    if terms.acknowledged:
        return
    seen: dict[int, int] = {}
    for index, rung in enumerate(terms.ladder):
        among_equals = seen.get(rung.after_seconds, 0)
        seen[rung.after_seconds] = among_equals + 1
        yield _rung(due_at, index, rung, among_equals, breach_at, given, now)


def _reminder(
    due_at: datetime, terms: Terms, breach_at: datetime, given: Collection[str], now: datetime
) -> Step | None:
    open_ones = [
        (breach_at - timedelta(seconds=seconds), reminder_key(seconds))
        for seconds in sorted(terms.reminder_seconds, reverse=True)
        if reminder_key(seconds) not in given
    ]
    return _last_of_the_missed(Alert.REMINDER, due_at, open_ones, -1, now)


def _rung(
    due_at: datetime,
    index: int,
    rung: Rung,
    among_equals: int,
    breach_at: datetime,
    given: Collection[str],
    now: datetime,
) -> Step | None:
    first = breach_at + timedelta(seconds=rung.after_seconds)
    times = range(MOST_REPETITIONS if rung.repeat_seconds else 1)
    open_ones = [
        (first + number * timedelta(seconds=rung.repeat_seconds), rung_key(rung.after_seconds, among_equals, number))
        for number in times
        if rung_key(rung.after_seconds, among_equals, number) not in given
    ]
    return _last_of_the_missed(Alert.ESCALATION, due_at, open_ones, index, now)


def _last_of_the_missed(
    alert: Alert, due_at: datetime, open_ones: list[tuple[datetime, str]], rung: int, now: datetime
) -> Step | None:
    missed = [one for one in open_ones if one[0] <= now]
    if missed:
        at, key = missed[-1]
        return Step(alert, at, due_at, key, rung, tuple(other for _, other in missed[:-1]))
    if not open_ones:
        return None
    at, key = open_ones[0]
    return Step(alert, at, due_at, key, rung)
