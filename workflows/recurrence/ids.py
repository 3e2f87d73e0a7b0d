"""Owns the names by which a series' workflow, Schedule and occurrences are found again: equal parts give equal ids."""

from __future__ import annotations

from datetime import datetime

from workflows.recurrence.types import SeriesRef

TASK_QUEUE = "recurrence"
WAKE = "wake"
"""The signal that makes a series look at what it owes."""


def workflow_id(series: SeriesRef) -> str:
    return f"recurrence/{series.workspace_id}/{series.series_id}"


def schedule_id(series: SeriesRef) -> str:
    return workflow_id(series)


def alarm_id(series: SeriesRef) -> str:
    """What the ids of the Schedule's own workflows begin with; it adds the instant."""
    return f"recurrence-alarm/{series.workspace_id}/{series.series_id}"


def occurrence_key(series: SeriesRef, instant: datetime) -> str:
    """The idempotency key of an occurrence, as its owner wants it."""
    return f"recurrence/{series.series_id}/{instant:%Y-%m-%dT%H:%M:%SZ}"
