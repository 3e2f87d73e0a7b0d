"""Owns what goes in and out of the recurrence workflows. Fields may be added with a default, never removed or renamed:
histories, Schedules and running workflows hold these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SeriesState(StrEnum):
    """Whether a series goes on."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class SeriesRef:
    """Names a series; the input of both workflows."""

    workspace_id: str
    series_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the owner of the series wants: `due` to be created now, and to be asked again at each of `next`."""

    version: int
    state: SeriesState
    due: tuple[datetime, ...] = ()
    more: bool = False
    next: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Occurrences to be created, oldest first."""

    series: SeriesRef
    instants: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """The instants at which the Schedule is to wake the series."""

    series: SeriesRef
    plan: Plan
