"""Owns what a next alert is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.sla.types import Alert


@dataclass(frozen=True, slots=True)
class Step:
    """The next alert and when it is due."""

    alert: Alert
    at: datetime
    due_at: datetime
    key: str = ""
    rung: int = -1
    instead_of: tuple[str, ...] = ()
    """What this one makes needless: reminders and repetitions that could not be given in their time."""
