"""Owns what a user wants to be told, and how. Unset means the default, so that a new category reaches everybody.

A muted project says nothing, but an escalation still stands in the inbox: overdue work must be findable. Quiet hours
hold back what leaves the house (mail, push) and never the inbox; they are local hours, also when the clock is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from subgraphs.notification.domain.notifications import Category


class Channel(StrEnum):
    """A way to reach somebody."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"
    WEB_PUSH = "WEB_PUSH"


CATEGORIES: Mapping[Category, str] = MappingProxyType(
    {
        Category.TASK_ASSIGNED: "A task was assigned to you.",
        Category.TASK_STATUS: "A task of yours moved to another status.",
        Category.TASK_CHANGED: "The due date or the priority of a task of yours changed.",
        Category.COMMENT_MENTIONED: "Somebody named you in a comment.",
        Category.COMMENT_ADDED: "Somebody commented on a task of yours.",
        Category.WORKSPACE_MEMBER: "You were added to a workspace, or your role in it changed.",
        Category.SLA_REMINDER: "A task of yours is due soon.",
        Category.SLA_ESCALATION: "A task of yours is overdue.",
    }
)
"""What can be chosen, with its meaning. An invitation cannot: it is asked for by somebody, for one person."""

URGENT = frozenset({Category.SLA_ESCALATION})

_ADDRESSED = frozenset({Category.COMMENT_MENTIONED, Category.SLA_REMINDER, Category.SLA_ESCALATION})
_DEFAULTS: Mapping[Channel, frozenset[Category]] = MappingProxyType(
    {
        Channel.IN_APP: frozenset(CATEGORIES),
        Channel.EMAIL: _ADDRESSED,
        Channel.WEB_PUSH: _ADDRESSED | {Category.TASK_ASSIGNED},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `start` to `end` on the reader's clock, over midnight when the end is the earlier one; never the same."""

    start: time
    end: time
    urgent_passes: bool = True

    def until(self, at: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet that holds at this moment ends; None when it does not."""
        today = at.astimezone(zone).date()
        overnight = timedelta(days=1 if self.end <= self.start else 0)
        for day in (today - timedelta(days=1), today):
            end = local_instant(day + overnight, self.end, zone)
            if local_instant(day, self.start, zone) <= at < end:
                return end
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The ways that one notification takes to one person; nothing leaves the house before `not_before`."""

    in_app: bool
    email: bool
    web_push: bool
    not_before: datetime | None

    @property
    def leads_nowhere(self) -> bool:
        return not (self.in_app or self.email or self.web_push)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What one user has set, where it differs from the defaults."""

    user_id: UUID
    choices: Mapping[tuple[Category, Channel], bool] = field(default_factory=dict)
    quiet: QuietHours | None = None
    mutes: Mapping[UUID, datetime | None] = field(default_factory=dict)
    digest_hour: int | None = None
    digest_day: date | None = None
    digest_at: datetime | None = None
    digest_seq: int = 0
    version: int = 0

    def wants(self, category: Category, channel: Channel) -> bool:
        """What cannot be chosen goes by mail alone."""
        if category not in CATEGORIES:
            return channel is Channel.EMAIL
        return self.choices.get((category, channel), category in _DEFAULTS[channel])

    def is_muted(self, project_id: UUID | None, at: datetime) -> bool:
        if project_id is None or project_id not in self.mutes:
            return False
        until = self.mutes[project_id]
        return until is None or at < until

    def route(self, category: Category, project_id: UUID | None, at: datetime, zone: tzinfo) -> Route:
        """The ways that something takes which happens now."""
        if self.is_muted(project_id, at):
            return Route(in_app=category in URGENT, email=False, web_push=False, not_before=None)
        passes = self.quiet is None or (self.quiet.urgent_passes and category in URGENT)
        return Route(
            in_app=self.wants(category, Channel.IN_APP),
            email=self.wants(category, Channel.EMAIL),
            web_push=self.wants(category, Channel.WEB_PUSH),
            not_before=None if passes or self.quiet is None else self.quiet.until(at, zone),
        )

    def choose(self, category: Category, channel: Channel, wanted: bool) -> Preferences:
        return replace(self, choices={**self.choices, (category, channel): wanted})

    def mute(self, project_id: UUID, until: datetime | None, now: datetime) -> Preferences:
        """Mutes that are over are dropped on the way."""
        kept = {project: end for project, end in self.mutes.items() if end is None or end > now}
        return replace(self, mutes={**kept, project_id: until})

    def unmute(self, project_id: UUID) -> Preferences:
        return replace(self, mutes={project: end for project, end in self.mutes.items() if project != project_id})

    def digest_from(self, hour: int | None, now: datetime, zone: tzinfo) -> Preferences:
        """With a digest at this local hour from now on, or without one."""
        changed = replace(self, digest_hour=hour)
        return replace(changed, digest_at=changed._next_digest(now, zone))

    def without_digest(self) -> Preferences:
        return replace(self, digest_hour=None, digest_at=None)

    def digest_made(self, now: datetime, zone: tzinfo, through: int) -> Preferences:
        """With the digest of the latest day whose hour has come, and the next one still to be made.

        However many days were missed, they are one digest. `through` is the last number that it covers.
        """
        if self.digest_hour is None:
            return self
        day = now.astimezone(zone).date()
        if local_instant(day, time(self.digest_hour), zone) > now:
            day -= timedelta(days=1)
        if self.digest_day is not None:
            day = max(day, self.digest_day)
        made = replace(self, digest_day=day, digest_seq=through)
        return replace(made, digest_at=made._next_digest(now, zone))

    def _next_digest(self, now: datetime, zone: tzinfo) -> datetime | None:
        """The next moment at which the digest's hour begins, on a day that had none yet."""
        if self.digest_hour is None:
            return None
        day = now.astimezone(zone).date()
        if self.digest_day is not None and day <= self.digest_day:
            day = self.digest_day + timedelta(days=1)
        due = local_instant(day, time(self.digest_hour), zone)
        return due if due > now else local_instant(day + timedelta(days=1), time(self.digest_hour), zone)


def local_instant(day: date, at: time, zone: tzinfo) -> datetime:
    """When a clock in the zone shows this: the first time where it does twice, just as late where it never does."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
