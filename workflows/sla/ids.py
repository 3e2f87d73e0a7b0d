"""Owns the names by which the SLA workflow and its alerts are found again: equal parts give equal ids."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.ids import derive_id
from workflows.sla.types import Alert

TASK_QUEUE = "sla"
CHANGED = "task_changed"
"""The signal that carries a `TaskChange`."""
ACKNOWLEDGED = "acknowledged"
"""The signal that somebody took over after a breach; the owner knows for which deadline."""


def rollout_id(workspace_id: object, project_id: object, version: int) -> str:
    return f"sla-policy/{workspace_id}/{project_id}/{version}"


def workflow_id(workspace_id: object, task_id: object) -> str:
    return f"sla/{workspace_id}/{task_id}"


def alert_id(workflow: str, run: str, alert: Alert, due_at: datetime, key: str = "") -> UUID:
    """The event id of an alert; `run` is the first run of a chain, so that a continued run repeats it too."""
    parts = (workflow, run, alert.value, due_at.isoformat())
    return derive_id(*parts, key) if key else derive_id(*parts)
