"""Owns what goes in and out of the SLA workflow. Fields may be added with a default, never removed or renamed:
histories and running workflows hold these."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Alert(StrEnum):
    """What people are told; the values are the `kind` of `notification.system.alert`."""

    REMINDER = "sla.reminder"
    ESCALATION = "sla.escalation"


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What an event, or the task's owner, says about a task; a later state of it has a greater version."""

    version: int
    due_at: datetime | None
    open: bool
    deleted: bool
    known_at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that was given for a deadline."""

    alert: Alert
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SlaState:
    """Everything the workflow knows; it is carried from run to run."""

    latest: TaskChange | None = None
    fired: tuple[Fired, ...] = ()


@dataclass(frozen=True, slots=True)
class SlaStart:
    """Input of the workflow."""

    task_id: str
    workspace_id: str
    state: SlaState = field(default_factory=SlaState)


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """Input of the activity `give_alert`. `event_id` repeats with every attempt."""

    alert: Alert
    event_id: str
    task_id: str
    workspace_id: str
    version: int
    due_at: datetime
    scheduled_at: datetime
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class AlertResult:
    """What the activity found: the state that the owner told, and whether the alert was due by it."""

    given: bool
    current: TaskChange
