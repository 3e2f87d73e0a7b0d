"""Owns the snapshot of a person as auth last told it. A snapshot only ever grows newer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who somebody is, where mail reaches them and in which time zone they live."""

    user_id: UUID
    email: str
    display_name: str
    locale: str
    time_zone: str
    version: int

    def zone(self) -> tzinfo:
        """Their time zone, or UTC when the name is none that this machine knows."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return _UTC

    def local(self, at: datetime) -> str:
        """A moment as they would read it on their clock: `Tue 24 Nov 2026, 14:05 CET`."""
        return at.astimezone(self.zone()).strftime("%a %-d %b %Y, %H:%M %Z")
