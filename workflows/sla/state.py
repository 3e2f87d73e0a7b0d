"""Owns the rules of the clock, without any time or engine in them.

The newest version wins, whatever the order and however often it comes. An alert is given once per deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflows.sla.types import Alert, Fired, SlaState, TaskChange

REMIND_BEFORE = timedelta(hours=24)
LATE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Step:
    """The next alert and when it is due."""

    alert: Alert
    at: datetime
    due_at: datetime


def applied(state: SlaState, change: TaskChange) -> SlaState:
    """The state after an event: older and equal versions change nothing."""
    if state.latest is not None and change.version <= state.latest.version:
        return state
    return replace(state, latest=_dated(state.latest, change))


def corrected(state: SlaState, current: TaskChange) -> SlaState:
    """The state after the owner was asked: what it says holds, unless something newer was heard meanwhile."""
    latest = state.latest
    if latest is not None and current.version < latest.version:
        return state
    if latest is not None and current.version == latest.version:
        current = replace(current, traceparent=latest.traceparent)
    return replace(state, latest=_dated(latest, current))


def _dated(before: TaskChange | None, after: TaskChange) -> TaskChange:
    """The change with the time since when its deadline is known: other changes do not make an alert less late."""
    if before is None or not is_watched(before) or before.due_at != after.due_at:
        return after
    return replace(after, known_at=before.known_at)


def ended(state: SlaState) -> bool:
    """Whether nothing remains to watch: the task is closed or deleted, or has no deadline."""
    return state.latest is not None and not is_watched(state.latest)


def is_watched(change: TaskChange) -> bool:
    return change.open and not change.deleted and change.due_at is not None


def next_step(state: SlaState) -> Step | None:
    """The alert that comes next for the current deadline, or None when all are given."""
    latest = state.latest
    if latest is None or latest.due_at is None or not is_watched(latest):
        return None
    for alert, at in (
        (Alert.REMINDER, latest.due_at - REMIND_BEFORE),
        (Alert.ESCALATION, latest.due_at),
    ):
        if Fired(alert, latest.due_at) not in state.fired:
            return Step(alert, max(at, latest.known_at), latest.due_at)
    return None


def given(state: SlaState, step: Step) -> SlaState:
    """The state after an alert was given."""
    return replace(state, fired=(*state.fired, Fired(step.alert, step.due_at)))


def is_late(scheduled_at: datetime, now: datetime) -> bool:
    """Whether an alert comes noticeably after it was due."""
    return now - scheduled_at > LATE_AFTER
