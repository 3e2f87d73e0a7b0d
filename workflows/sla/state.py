"""Owns the rules of the clock, without any time or engine in them.

The newest version wins, whatever the order and however often it comes. An alert is given once per deadline.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from workflows.sla.ladder import next_by_policy, reminder_key, rung_key
from workflows.sla.steps import Step
from workflows.sla.types import Alert, Fired, Reading, SlaState, TaskChange

REMIND_BEFORE = timedelta(hours=24)
LATE_AFTER = timedelta(seconds=30)
_BY_DEFAULT = {Alert.REMINDER: reminder_key(86_400), Alert.ESCALATION: rung_key(0, 0, 0)}


def applied(state: SlaState, change: TaskChange) -> SlaState:
    """The state after an event: older and equal versions change nothing, but for a newer policy."""
    latest = state.latest
    if latest is not None and change.version <= latest.version:
        return replace(state, latest=_under(latest, change.policy))
    return replace(state, latest=_dated(latest, change))


def corrected(state: SlaState, current: TaskChange) -> SlaState:
    """The state after the owner was asked: what it says holds, unless something newer was heard meanwhile."""
    latest = state.latest
    if latest is not None and current.version < latest.version:
        return replace(state, latest=_under(latest, current.policy))
    if latest is not None and current.version == latest.version:
        current = replace(current, traceparent=latest.traceparent)
    return replace(state, latest=_dated(latest, current))


def _dated(before: TaskChange | None, after: TaskChange) -> TaskChange:
    """The change with the time since when its deadline is known: other changes do not make an alert less late."""
    if before is None:
        return after
    after = _under(after, before.policy)
    if not is_watched(before) or before.due_at != after.due_at:
        return after
    return replace(after, known_at=before.known_at)


def _under(change: TaskChange, policy: int) -> TaskChange:
    return change if policy <= change.policy else replace(change, policy=policy)


def doubted(state: SlaState) -> SlaState:
    """The state after something happened that only the owner can tell in full."""
    return replace(state, doubts=state.doubts + 1)


def needs_terms(state: SlaState) -> bool:
    """Whether the owner must be asked what the project's policy means for the task as it is now."""
    latest, terms = state.latest, state.terms
    if latest is None or not is_watched(latest) or latest.policy == 0:
        return False
    if terms is None or state.answered < state.doubts:
        return True
    return terms.task_version < latest.version or terms.policy < latest.policy


def learned(state: SlaState, reading: Reading, *, doubts: int, now: datetime) -> SlaState:
    """The state after the owner has said what the policy means; `doubts` is what was to be answered."""
    state = replace(corrected(state, reading.current), answered=max(state.answered, doubts))
    terms, before = reading.terms, state.terms
    if terms is None or (before is not None and terms.task_version < before.task_version):
        return state
    same = before is not None and (terms.policy, terms.breach_at) == (before.policy, before.breach_at)
    # What a policy asks for in the past is not late: it is known since now.
    return replace(state, terms=replace(terms, known_at=before.known_at if same and before is not None else now))


def ended(state: SlaState) -> bool:
    """Whether nothing remains to watch: the task is closed or deleted, or has no deadline."""
    return state.latest is not None and not is_watched(state.latest)


def is_watched(change: TaskChange) -> bool:
    return change.open and not change.deleted and change.due_at is not None


def next_step(state: SlaState, now: datetime) -> Step | None:
    """The alert that comes next for the current deadline, or None when all are given."""
    latest = state.latest
    if latest is None or latest.due_at is None or not is_watched(latest):
        return None
    if latest.policy and state.terms is not None:
        return next_by_policy(latest, state.terms, _keys(state, latest.due_at), now)
    for alert, at in (
        (Alert.REMINDER, latest.due_at - REMIND_BEFORE),
        (Alert.ESCALATION, latest.due_at),
    ):
        if Fired(alert, latest.due_at) not in state.fired:
            return Step(alert, max(at, latest.known_at), latest.due_at)
    return None


def given(state: SlaState, step: Step) -> SlaState:
    """The state after an alert was given."""
    keys = (*step.instead_of, step.key)
    return replace(state, fired=(*state.fired, *(Fired(step.alert, step.due_at, key) for key in keys)))


def _keys(state: SlaState, due_at: datetime) -> frozenset[str]:
    """What was given for the deadline, also by the default policy before the project had one of its own."""
    return frozenset(fired.key or _BY_DEFAULT[fired.alert] for fired in state.fired if fired.due_at == due_at)


def is_late(scheduled_at: datetime, now: datetime) -> bool:
    """Whether an alert comes noticeably after it was due."""
    return now - scheduled_at > LATE_AFTER
