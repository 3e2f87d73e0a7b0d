"""SLA policies of projects: when people are reminded, who is told after a breach and how often, when the clock stops.

A policy is never changed: setting another one makes a new version of it. A project without one has the default policy.

Invariant: a checked policy names only states of its project in which a task is open, and its alerts are finite.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.projects import Project, StatusCategory
from subgraphs.task.errors import invalid, version_conflict

POLICY_CHANGED = "sla.policy.changed"
ACKNOWLEDGED = "sla.acknowledged"
MOST_REMINDERS = 10
MOST_STEPS = 10
MOST_NAMED = 50
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=90)
SHORTEST_REPETITION = timedelta(minutes=5)


class Recipient(StrEnum):
    """Whom a step tells, by what they are."""

    ASSIGNEES = "ASSIGNEES"
    LEAD = "LEAD"
    ADMINS = "ADMINS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the ladder: tells people some time after the breach, once or again until somebody acknowledges."""

    recipients: tuple[Recipient, ...] = ()
    user_ids: tuple[UUID, ...] = ()
    after: timedelta = timedelta()
    repeat_every: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseStatus:
    """A state in which the clock stops, with the name that it had when the policy was set."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a policy says."""

    reminders: tuple[timedelta, ...] = (timedelta(hours=24),)
    ladder: tuple[Step, ...] = (Step(recipients=(Recipient.LEAD,)),)
    pause_categories: tuple[StatusCategory, ...] = ()
    pause_statuses: tuple[PauseStatus, ...] = ()


DEFAULT = Terms()
"""A reminder a day before the deadline, an escalation to the lead when it has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of a project's policy; 0 is the default that nobody set."""

    project_id: UUID
    workspace_id: UUID
    version: int
    terms: Terms
    set_by: UUID | None = None
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDraft:
    """What a caller says about a policy; states by name."""

    reminders: Sequence[timedelta]
    ladder: Sequence[Step]
    pause_categories: Sequence[StatusCategory] = ()
    pause_statuses: Sequence[str] = field(default_factory=tuple)


def default_policy(project: Project) -> Policy:
    """What holds where nobody set anything."""
    return Policy(project_id=project.id, workspace_id=project.workspace_id, version=0, terms=DEFAULT)


def check_terms(draft: TermsDraft, project: Project) -> Terms:
    """The terms in their stored form.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    reminders = tuple(sorted(set(draft.reminders), reverse=True))
    if len(reminders) > MOST_REMINDERS:
        raise invalid("reminders", f"A policy has at most {MOST_REMINDERS} reminders")
    for reminder in reminders:
        if not SHORTEST <= reminder <= LONGEST:
            raise invalid("reminders", "A reminder comes between a minute and 90 days before")
    if len(draft.ladder) > MOST_STEPS:
        raise invalid("ladder", f"A ladder has at most {MOST_STEPS} steps")
    statuses = [project.status_named(name) for name in dict.fromkeys(draft.pause_statuses)]
    categories = tuple(dict.fromkeys(draft.pause_categories))
    if not all(category.open for category in (*categories, *(status.category for status in statuses))):
        raise invalid("pauseStatuses", "The clock of a closed task does not run; only open states can stop it")
    return Terms(
        reminders=reminders,
        ladder=tuple(sorted((_check_step(step) for step in draft.ladder), key=lambda step: step.after)),
        pause_categories=categories,
        pause_statuses=tuple(PauseStatus(id=status.id, name=status.name) for status in statuses),
    )


def named_users(terms: Terms) -> set[UUID]:
    """Everybody whom the ladder names."""
    return {user_id for step in terms.ladder for user_id in step.user_ids}


def recipients_of(step: Step, *, assignees: Sequence[UUID], lead: UUID, admins: Collection[UUID]) -> tuple[UUID, ...]:
    """Whom a step tells now; the lead stands in where nobody else is there."""
    told: dict[UUID, None] = {}
    if Recipient.ASSIGNEES in step.recipients:
        told |= dict.fromkeys(assignees)
    if Recipient.LEAD in step.recipients:
        told[lead] = None
    if Recipient.ADMINS in step.recipients:
        told |= dict.fromkeys(sorted(admins))
    told |= dict.fromkeys(step.user_ids)
    return tuple(told) or (lead,)


def stops_clock(terms: Terms, status: str, category: StatusCategory) -> bool:
    """Whether a task in that state waits with its clock stopped."""
    return category in terms.pause_categories or status in {one.name for one in terms.pause_statuses}


def renamed(terms: Terms, project: Project) -> Terms:
    """The terms with the present names of their states beside those they had."""
    names = {status.id: status.name for status in project.statuses}
    more = [
        PauseStatus(id=one.id, name=names[one.id])
        for one in terms.pause_statuses
        if one.id in names and names[one.id] != one.name
    ]
    return Terms(
        reminders=terms.reminders,
        ladder=terms.ladder,
        pause_categories=terms.pause_categories,
        pause_statuses=(*terms.pause_statuses, *more),
    )


def check_version(policy: Policy, expected: int | None) -> None:
    """Refuses a change that was made from an older sight of the policy.

    Raises:
        DomainError: conflict VERSION_CONFLICT.
    """
    if expected is not None and expected != policy.version:
        raise version_conflict(expected=expected, actual=policy.version, changed=[], current={}, submitted={})


def policy_changed(policy: Policy, *, event_id: UUID, actor_id: UUID, at: datetime) -> Announcement:
    """The event of a new version."""
    data: dict[str, Any] = {
        "projectId": str(policy.project_id),
        "workspaceId": str(policy.workspace_id),
        "version": policy.version,
        "actorId": str(actor_id),
    }
    return Announcement(
        event_id=event_id,
        topic=POLICY_CHANGED,
        subject=policy.project_id,
        workspace_id=policy.workspace_id,
        at=at,
        data=data,
    )


def _check_step(step: Step) -> Step:
    if not step.recipients and not step.user_ids:
        raise invalid("ladder", "A step tells somebody")
    if len(step.user_ids) > MOST_NAMED:
        raise invalid("ladder", f"A step names at most {MOST_NAMED} people")
    if not timedelta() <= step.after <= LONGEST:
        raise invalid("ladder", "A step comes at the breach or up to 90 days after it")
    if step.repeat_every is not None and not SHORTEST_REPETITION <= step.repeat_every <= LONGEST:
        raise invalid("ladder", "A step is repeated after 5 minutes to 90 days")
    return Step(
        recipients=tuple(dict.fromkeys(step.recipients)),
        user_ids=tuple(dict.fromkeys(step.user_ids)),
        after=step.after,
        repeat_every=step.repeat_every,
    )
