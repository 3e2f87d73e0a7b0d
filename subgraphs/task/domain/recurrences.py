"""Series of recurring tasks: what they are, and what a series owes at a moment.

A series has decided everything up to `decided_until`. `settle` decides the rest up to now: which occurrences are to be
created and which were missed for good. Whatever changes a series settles it first, under its old rule, so a change is
about the future alone, also when it comes in the middle of an outage.

Invariant: each instant of a series is decided once; what is decided stays so whatever the rule becomes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.recurrence_rules import Rule, RuleDraft, check_rule, occurrences
from subgraphs.task.domain.tasks import Priority, TaskDraft, check_assignees, check_description, check_title
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import invalid, version_conflict

CHANGED = "recurrence.changed"
PUNCTUAL = timedelta(minutes=1)
SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(minutes=1), timedelta(days=90)
LOOKED_BACK = timedelta(days=7)
MOST_MISSED_KEPT = 100
MOST_CAUGHT_UP = 1_000
LONGEST_DUE = timedelta(days=366)


class SeriesState(StrEnum):
    """Whether a series goes on."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class Overlap(StrEnum):
    """What happens to an occurrence while the task of the one before is open."""

    ALLOW = "ALLOW"
    SKIP = "SKIP"


class CatchUp(StrEnum):
    """Which of the occurrences that could not be created in time are created later."""

    ALL = "ALL"
    LATEST = "LATEST"
    NONE = "NONE"


class Outcome(StrEnum):
    """What became of an occurrence."""

    PENDING = "PENDING"
    CREATED = "CREATED"
    OVERLAPPED = "OVERLAPPED"
    MISSED = "MISSED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the tasks of a series are made of; `due_after` counts from the occurrence's instant."""

    title: str
    description: str = ""
    priority: Priority = Priority.NONE
    assignee_ids: Sequence[UUID] = ()
    due_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A recurrence as it stands at `version`."""

    id: UUID
    workspace_id: UUID
    project_id: UUID
    rule: Rule
    template: Template
    overlap: Overlap
    catch_up: CatchUp
    catch_up_within: timedelta
    state: SeriesState
    decided_until: datetime
    version: int
    created_by: UUID
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDraft:
    """What a caller says about a new series."""

    project_id: UUID
    rule: RuleDraft
    template: Template
    overlap: Overlap = Overlap.ALLOW
    catch_up: CatchUp = CatchUp.ALL
    catch_up_within: timedelta = LOOKED_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPatch:
    """What a caller wants changed; UNSET leaves a part alone."""

    rule: RuleDraft | Unset = UNSET
    template: Template | Unset = UNSET
    overlap: Overlap | Unset = UNSET
    catch_up: CatchUp | Unset = UNSET
    catch_up_within: timedelta | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One decided instant of a series."""

    series_id: UUID
    workspace_id: UUID
    scheduled_at: datetime
    outcome: Outcome
    decided_at: datetime
    task_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A series that has decided everything up to now, and what was decided just now."""

    series: Series
    decided: tuple[Occurrence, ...]


def new_series(
    draft: SeriesDraft, *, project: Project, series_id: UUID, creator_id: UUID, shortest: timedelta, now: datetime
) -> Series:
    """A checked series; occurrences before now are none of it.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    return Series(
        id=series_id,
        workspace_id=project.workspace_id,
        project_id=project.id,
        rule=check_rule(draft.rule, now=now, shortest=shortest),
        template=check_template(draft.template),
        overlap=draft.overlap,
        catch_up=draft.catch_up,
        catch_up_within=_check_window(draft.catch_up_within),
        state=SeriesState.ACTIVE,
        # An occurrence at the very moment of the creation belongs to the series.
        decided_until=now - timedelta(seconds=1),
        version=1,
        created_by=creator_id,
        created_at=now,
        updated_at=now,
    )


def settle(series: Series, now: datetime) -> Settled:
    """Decides what the series owes up to now. A series without a future has ended."""
    if series.state is not SeriesState.ACTIVE or now <= series.decided_until:
        return Settled(series=series, decided=())
    # What is too late for any policy is not even looked at, however long the outage was.
    since = max(series.decided_until, now - max(series.catch_up_within, LOOKED_BACK))
    due = []
    for instant in occurrences(series.rule, since):
        if instant > now:
            break
        due.append(instant)
    wanted = _wanted(series, due, now)
    missed = [instant for instant in due if instant not in wanted][-MOST_MISSED_KEPT:]
    decided = tuple(
        Occurrence(
            series_id=series.id,
            workspace_id=series.workspace_id,
            scheduled_at=instant,
            outcome=Outcome.PENDING if instant in wanted else Outcome.MISSED,
            decided_at=now,
        )
        for instant in sorted((*wanted, *missed))
    )
    settled = replace(series, decided_until=now)
    if next(occurrences(series.rule, now), None) is None:
        settled = stepped(settled, now=now, state=SeriesState.ENDED)
    return Settled(series=settled, decided=decided)


def upcoming(series: Series, after: datetime, many: int) -> list[datetime]:
    """The next instants, of a series that goes on."""
    if series.state is not SeriesState.ACTIVE:
        return []
    return list(islice(occurrences(series.rule, max(after, series.decided_until)), many))


def revise_series(series: Series, patch: SeriesPatch, *, shortest: timedelta, now: datetime) -> Series:
    """The settled series after the patch; the same when nothing differs.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    rule, template, within = patch.rule, patch.template, patch.catch_up_within
    revised = replace(
        series,
        rule=series.rule if rule is UNSET else check_rule(_begun(rule, series), now=now, shortest=shortest),
        template=series.template if template is UNSET else check_template(template),
        overlap=series.overlap if patch.overlap is UNSET else patch.overlap,
        catch_up=series.catch_up if patch.catch_up is UNSET else patch.catch_up,
        catch_up_within=series.catch_up_within if within is UNSET else _check_window(within),
    )
    return series if revised == series else stepped(revised, now=now)


def turned(series: Series, state: SeriesState, *, now: datetime) -> Series:
    """The settled series in another state; nothing that lies before now comes back with it."""
    if series.state is state:
        return series
    return replace(stepped(series, now=now, state=state), decided_until=max(now, series.decided_until))


def stepped(series: Series, *, now: datetime, state: SeriesState | None = None) -> Series:
    """One version on."""
    return replace(series, version=series.version + 1, updated_at=now, state=state or series.state)


def check_template(template: Template) -> Template:
    """The template in its stored form.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    due_after = template.due_after
    if due_after is not None and not timedelta(minutes=1) <= due_after <= LONGEST_DUE:
        raise invalid("dueAfter", "dueAfter is between a minute and 366 days")
    return replace(
        template,
        title=check_title(template.title),
        description=check_description(template.description),
        assignee_ids=check_assignees(template.assignee_ids),
    )


def draft_of(series: Series, scheduled_at: datetime, assignee_ids: Sequence[UUID]) -> TaskDraft:
    """The task of an occurrence."""
    template = series.template
    return TaskDraft(
        project_id=series.project_id,
        title=template.title,
        description=template.description,
        priority=template.priority,
        assignee_ids=tuple(assignee_ids),
        due_at=None if template.due_after is None else scheduled_at + template.due_after,
    )


def occurrence_key(series_id: UUID, scheduled_at: datetime) -> str:
    """The idempotency key of an occurrence's creation."""
    return f"recurrence/{series_id}/{scheduled_at:%Y-%m-%dT%H:%M:%SZ}"


def check_version(series: Series, expected: int | None) -> None:
    """Refuses a change that was made from an older sight of the series.

    Raises:
        DomainError: conflict VERSION_CONFLICT.
    """
    if expected is not None and expected != series.version:
        raise version_conflict(expected=expected, actual=series.version, changed=[], current={}, submitted={})


def announced(series: Series, *, event_id: UUID, actor_id: UUID) -> Announcement:
    """The event of a change."""
    return Announcement(
        event_id=event_id,
        topic=CHANGED,
        subject=series.id,
        workspace_id=series.workspace_id,
        at=series.updated_at,
        data={
            "recurrence": {
                "id": str(series.id),
                "workspaceId": str(series.workspace_id),
                "projectId": str(series.project_id),
                "state": series.state.value,
                "version": series.version,
            },
            "actorId": str(actor_id),
        },
    )


def _wanted(series: Series, due: list[datetime], now: datetime) -> list[datetime]:
    """Those of the due instants that are to be created, oldest first."""
    window = PUNCTUAL if series.catch_up is CatchUp.NONE else series.catch_up_within
    in_time = [instant for instant in due if now - instant <= window]
    return in_time[-1:] if series.catch_up is CatchUp.LATEST else in_time[-MOST_CAUGHT_UP:]


def _begun(rule: RuleDraft, series: Series) -> RuleDraft:
    """A rule that is replaced goes on counting its intervals from the series' start."""
    return rule if rule.starts_at is not None else replace(rule, starts_at=series.rule.starts_at)


def _check_window(window: timedelta) -> timedelta:
    if not SHORTEST_WINDOW <= window <= LONGEST_WINDOW:
        raise invalid("catchUpWithin", "catchUpWithin is between a minute and 90 days")
    return window
