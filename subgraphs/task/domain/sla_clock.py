"""The clock of one task: recomputed from its history, so it cannot drift from what happened.

The deadline stands from the moment it was set. Whenever the task is then in a state that stops the clock, the breach
moves by the length of that time, until the breach has come: what happens later does not undo it.

Invariant: the clock is a function of the history, the policy and the present moment; nothing of it is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from subgraphs.task.domain.projects import StatusCategory
from subgraphs.task.domain.sla import Terms, stops_clock
from subgraphs.task.domain.tasks import Task


class SlaState(StrEnum):
    """How a task stands with its deadline."""

    ON_TRACK = "ON_TRACK"
    AT_RISK = "AT_RISK"
    PAUSED = "PAUSED"
    BREACHED = "BREACHED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MET = "MET"
    MISSED = "MISSED"
    STOPPED = "STOPPED"


class SlaEventKind(StrEnum):
    """What happened to a clock."""

    STARTED = "STARTED"
    PAUSED = "PAUSED"
    RESUMED = "RESUMED"
    REMINDED = "REMINDED"
    BREACHED = "BREACHED"
    ESCALATED = "ESCALATED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """What one change did to the fields that matter here: names of the API to former and new values."""

    at: datetime
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that was given for a deadline."""

    id: UUID
    kind: SlaEventKind
    due_at: datetime
    at: datetime
    late: bool
    recipient_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody took over for a deadline that was breached."""

    due_at: datetime
    user_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaEvent:
    """One line of a clock's history."""

    at: datetime
    kind: SlaEventKind
    user_ids: tuple[UUID, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How a task with a deadline stands now; while it is paused, the breach is where it would be if that ended now."""

    state: SlaState
    due_at: datetime
    breach_at: datetime
    remaining: timedelta
    paused: bool
    paused_for: timedelta
    acknowledged: bool
    history: tuple[SlaEvent, ...]


@dataclass(frozen=True, slots=True)
class _Phase:
    """How the task stood from a moment on."""

    since: datetime
    status: str
    category: StatusCategory
    due_at: datetime | None
    deleted: bool


def clock_of(
    task: Task,
    terms: Terms,
    changes: Sequence[HistoryEntry],
    *,
    now: datetime,
    alerts: Sequence[Alert] = (),
    acknowledgements: Sequence[Acknowledgement] = (),
) -> Clock | None:
    """The clock of a task; None without a deadline. `changes` are in order."""
    if task.due_at is None:
        return None
    phases = _since_deadline(_phases(task, changes), task.due_at)
    breach, paused_for, paused = _breach(phases, terms, task.due_at, now)
    acknowledgement = next((one for one in acknowledgements if one.due_at == task.due_at), None)
    return Clock(
        state=_state(phases, terms, breach, now, paused=paused, acknowledged=acknowledgement is not None),
        due_at=task.due_at,
        breach_at=breach,
        remaining=breach - now,
        paused=paused,
        paused_for=paused_for,
        acknowledged=acknowledgement is not None,
        history=_history(phases, terms, task.due_at, breach, now, alerts, acknowledgement, paused=paused),
    )


def _phases(task: Task, changes: Sequence[HistoryEntry]) -> list[_Phase]:
    """The task's states from its creation on, found by walking back from how it is now."""
    phase = _Phase(task.created_at, task.status.name, task.status.category, task.due_at, task.deleted_at is not None)
    phases = []
    for entry in reversed(changes):
        phases.append(replace(phase, since=entry.at))
        phase = _before(phase, entry.changes)
    phases.append(replace(phase, since=task.created_at))
    return phases[::-1]


def _before(phase: _Phase, changes: Mapping[str, Any]) -> _Phase:
    former = {name: values["from"] for name, values in changes.items()}
    due_at = former.get("dueAt")
    return _Phase(
        phase.since,
        former.get("status", phase.status),
        StatusCategory(former.get("statusCategory", phase.category)),
        (None if due_at is None else datetime.fromisoformat(due_at)) if "dueAt" in former else phase.due_at,
        former["deletedAt"] is not None if "deletedAt" in former else phase.deleted,
    )


def _since_deadline(phases: list[_Phase], due_at: datetime) -> list[_Phase]:
    first = len(phases) - 1
    while first > 0 and phases[first - 1].due_at == due_at:
        first -= 1
    return phases[first:]


def _is_paused(phase: _Phase, terms: Terms) -> bool:
    return not phase.deleted and phase.category.open and stops_clock(terms, phase.status, phase.category)


def _breach(
    phases: Sequence[_Phase], terms: Terms, due_at: datetime, now: datetime
) -> tuple[datetime, timedelta, bool]:
    """When the deadline is broken, how long the clock stood, and whether it stands now."""
    breach, stood, paused = due_at, timedelta(), False
    ends = [phase.since for phase in phases[1:]] + [now]
    for phase, end in zip(phases, ends, strict=True):
        paused = _is_paused(phase, terms) and phase.since < breach
        if paused and end > phase.since:
            breach += end - phase.since
            stood += end - phase.since
    return breach, stood, paused


def _state(
    phases: Sequence[_Phase], terms: Terms, breach: datetime, now: datetime, *, paused: bool, acknowledged: bool
) -> SlaState:
    phase = phases[-1]
    if phase.deleted or phase.category is StatusCategory.CANCELLED:
        return SlaState.STOPPED
    if phase.category is StatusCategory.COMPLETED:
        return SlaState.MET if _closed_at(phases) <= breach else SlaState.MISSED
    if paused:
        return SlaState.PAUSED
    if now >= breach:
        return SlaState.ACKNOWLEDGED if acknowledged else SlaState.BREACHED
    return SlaState.AT_RISK if terms.reminders and now >= breach - terms.reminders[0] else SlaState.ON_TRACK


def _closed_at(phases: Sequence[_Phase]) -> datetime:
    closed = phases[-1].since
    for phase in reversed(phases):
        if phase.category.open:
            break
        closed = phase.since
    return closed


def _history(
    phases: Sequence[_Phase],
    terms: Terms,
    due_at: datetime,
    breach: datetime,
    now: datetime,
    alerts: Sequence[Alert],
    acknowledgement: Acknowledgement | None,
    *,
    paused: bool,
) -> tuple[SlaEvent, ...]:
    events = [SlaEvent(at=phases[0].since, kind=SlaEventKind.STARTED)]
    stopped = ended = False
    for phase in phases:
        over = phase.deleted or not phase.category.open
        stops = _is_paused(phase, terms)
        if over is not ended:
            events.append(SlaEvent(at=phase.since, kind=SlaEventKind.CLOSED if over else SlaEventKind.REOPENED))
        if stops is not stopped and not over:
            events.append(SlaEvent(at=phase.since, kind=SlaEventKind.PAUSED if stops else SlaEventKind.RESUMED))
        stopped, ended = stops, over
    closed_before = ended and _closed_at(phases) <= breach
    if not paused and breach <= now and not closed_before:
        events.append(SlaEvent(at=breach, kind=SlaEventKind.BREACHED))
    events += [
        SlaEvent(at=one.at, kind=one.kind, user_ids=one.recipient_ids, late=one.late)
        for one in alerts
        if one.due_at == due_at
    ]
    if acknowledgement is not None:
        user_ids = (acknowledgement.user_id,)
        events.append(SlaEvent(at=acknowledgement.at, kind=SlaEventKind.ACKNOWLEDGED, user_ids=user_ids))
    return tuple(sorted(events, key=lambda event: event.at))
