"""Tasks: what they are, how one begins, and what makes a draft of one valid.

Invariant: a task's number is unique in its project and its human key (`ENG-42`) never changes; its assignees are
distinct; a due date lies in the future at the moment it is set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.positions import of_number
from subgraphs.task.domain.projects import Project, ProjectRef, Status, reference
from subgraphs.task.domain.text import check_body, check_line
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import due_date_in_past, invalid

LONGEST_TITLE = 500
LARGEST_DESCRIPTION = 100_000
MOST_ASSIGNEES = 50
MOST_LABELS = 50
MOST_BLOCKERS = 50
MOST_WATCHERS = 500
LARGEST_ESTIMATE = 10_000


class Priority(StrEnum):
    """How urgent a task is."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as it stands at `version`."""

    id: UUID
    workspace_id: UUID
    project: ProjectRef
    number: int
    title: str
    description: str
    status: Status
    priority: Priority
    assignee_ids: tuple[UUID, ...]
    reporter_id: UUID
    due_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    position: str
    deleted_at: datetime | None = None
    start_at: datetime | None = None
    estimate: int | None = None
    parent_id: UUID | None = None
    labels: tuple[Label, ...] = ()
    blocked_by_ids: tuple[UUID, ...] = ()
    watcher_ids: tuple[UUID, ...] = ()

    @property
    def key(self) -> str:
        """The name that people use, such as `ENG-42`."""
        return f"{self.project.key}-{self.number}"

    @property
    def label_ids(self) -> tuple[UUID, ...]:
        """The ids of its labels."""
        return tuple(label.id for label in self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """What a caller says about a new task."""

    project_id: UUID
    title: str
    description: str = ""
    status: str | None = None
    priority: Priority = Priority.NONE
    assignee_ids: Sequence[UUID] = ()
    due_at: datetime | None = None
    start_at: datetime | None = None
    estimate: int | None = None
    parent_id: UUID | None = None
    label_ids: Sequence[UUID] = ()
    blocked_by_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPatch:
    """What a caller wants changed; UNSET leaves a field alone, None empties it."""

    title: str | Unset = UNSET
    description: str | Unset = UNSET
    status: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    assignee_ids: Sequence[UUID] | Unset = UNSET
    due_at: datetime | Unset | None = UNSET
    start_at: datetime | Unset | None = UNSET
    estimate: int | Unset | None = UNSET
    parent_id: UUID | Unset | None = UNSET
    label_ids: Sequence[UUID] | Unset = UNSET
    blocked_by_ids: Sequence[UUID] | Unset = UNSET
    position: str | Unset = UNSET


def check_draft(draft: TaskDraft, *, now: datetime) -> TaskDraft:
    """The draft in its stored form; that its assignees are members is for the caller to check.

    Raises:
        DomainError: invalid, naming the first wrong field, or DUE_DATE_IN_PAST.
    """
    due_at = None if draft.due_at is None else check_due_at(draft.due_at, now=now)
    start_at = None if draft.start_at is None else in_utc("startAt", draft.start_at)
    check_span(start_at, due_at)
    return replace(
        draft,
        title=check_title(draft.title),
        description=check_description(draft.description),
        assignee_ids=check_assignees(draft.assignee_ids),
        due_at=due_at,
        start_at=start_at,
        estimate=check_estimate(draft.estimate),
        label_ids=check_distinct("labelIds", draft.label_ids, most=MOST_LABELS),
        blocked_by_ids=check_distinct("blockedByIds", draft.blocked_by_ids, most=MOST_BLOCKERS),
    )


def new_task(
    draft: TaskDraft,
    *,
    project: Project,
    task_id: UUID,
    number: int,
    reporter_id: UUID,
    now: datetime,
    labels: Sequence[Label] = (),
) -> Task:
    """The task of a checked draft, at version 1; `labels` are those that the draft names.

    Raises:
        DomainError: invalid, when the project has no such state.
    """
    return Task(
        id=task_id,
        workspace_id=project.workspace_id,
        project=reference(project),
        number=number,
        title=draft.title,
        description=draft.description,
        status=project.default_status if draft.status is None else project.status_named(draft.status),
        priority=draft.priority,
        assignee_ids=tuple(draft.assignee_ids),
        reporter_id=reporter_id,
        due_at=draft.due_at,
        version=1,
        created_at=now,
        updated_at=now,
        position=of_number(number),
        start_at=draft.start_at,
        estimate=draft.estimate,
        parent_id=draft.parent_id,
        labels=tuple(labels),
        blocked_by_ids=tuple(draft.blocked_by_ids),
        watcher_ids=(reporter_id,),
    )


def check_title(title: str) -> str:
    """The trimmed title, 1 to 500 characters on one line."""
    return check_line("title", title, longest=LONGEST_TITLE)


def check_description(description: str) -> str:
    """The description, at most 100 kB."""
    return check_body("description", description, largest=LARGEST_DESCRIPTION)


def check_assignees(assignee_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """The assignees without repetition, in the order given."""
    return check_distinct("assigneeIds", assignee_ids, most=MOST_ASSIGNEES)


def check_distinct(field: str, ids: Iterable[UUID], *, most: int) -> tuple[UUID, ...]:
    """The ids without repetition, in the order given."""
    distinct = tuple(dict.fromkeys(ids))
    if len(distinct) > most:
        raise invalid(field, f"{field} holds at most {most} entries, not {len(distinct)}")
    return distinct


def check_estimate(estimate: int | None) -> int | None:
    """Points from 0 to 10,000, or none."""
    if estimate is not None and not 0 <= estimate <= LARGEST_ESTIMATE:
        raise invalid("estimate", f"estimate lies between 0 and {LARGEST_ESTIMATE}")
    return estimate


def check_span(start_at: datetime | None, due_at: datetime | None) -> None:
    """A task cannot be due before it starts."""
    if start_at is not None and due_at is not None and start_at > due_at:
        raise invalid("startAt", "startAt must not lie behind dueAt")


def check_due_at(due_at: datetime, *, now: datetime) -> datetime:
    """The due date in UTC; it must carry an offset and lie after `now`."""
    instant = in_utc("dueAt", due_at)
    if instant <= now:
        raise due_date_in_past(instant, now)
    return instant


def in_utc(field: str, time: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        DomainError: invalid, when the time names no offset or no instant that UTC can express.
    """
    if time.tzinfo is None:
        raise invalid(field, f"{field} must carry an offset, such as 2030-01-31T17:00:00Z")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise invalid(field, f"{field} is out of range") from None
