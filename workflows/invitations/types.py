"""Owns what goes in and out of the workflow of an invitation. Fields may be added with a default, never removed or
renamed: histories and running workflows hold these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

REMIND_BEFORE = timedelta(days=4)
"""So long before its end somebody is reminded of an invitation: on its tenth day of fourteen."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One round of an invitation: it was sent, and is good until then."""

    round: int
    expires_at: datetime

    @property
    def remind_at(self) -> datetime:
        return self.expires_at - REMIND_BEFORE


@dataclass(frozen=True, slots=True)
class InvitationStart:
    """Input of the workflow."""

    invitation_id: str
    workspace_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the owner of invitations says: whether it waits for an answer, and the round that it is in."""

    open: bool
    current: Sending
