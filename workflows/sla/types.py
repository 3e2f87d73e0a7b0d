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
    policy: int = 0
    """The version of the project's own policy; 0 where the default holds."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a policy's ladder: behind the breach, once when `repeat_seconds` is 0."""

    after_seconds: int
    repeat_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the project's own policy means for the task, as its owner said at `task_version`."""

    policy: int
    task_version: int
    reminder_seconds: tuple[int, ...]
    ladder: tuple[Rung, ...]
    breach_at: datetime | None
    paused: bool
    acknowledged: bool
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What the task's owner says; `terms` only under a policy of the project's own."""

    current: TaskChange
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that was given for a deadline, or left out for a later one; `key` tells it from others of its kind."""

    alert: Alert
    due_at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class SlaState:
    """Everything the workflow knows; it is carried from run to run."""

    latest: TaskChange | None = None
    fired: tuple[Fired, ...] = ()
    terms: Terms | None = None
    doubts: int = 0
    """How often something was heard that only the owner can tell in full; of these, answered:"""
    answered: int = 0


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
    policy: int = 0
    breach_at: datetime | None = None
    rung: int = -1
    """Which step of the ladder it is; -1 for a reminder."""


@dataclass(frozen=True, slots=True)
class AlertResult:
    """What the activity found: the state that the owner told, and whether the alert was due by it."""

    given: bool
    current: TaskChange
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class PolicyStart:
    """Input of the roll-out: the project whose policy has a new version."""

    project_id: str
    workspace_id: str
    version: int
