"""Tasks: what they are, how one begins, and what makes a draft of one valid.

Invariant: a task's number is unique in its project and its human key (`ENG-42`) never changes; its assignees are
distinct; a due date lies in the future at the moment it is set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.task.domain.projects import Project, ProjectRef, Status, reference
from subgraphs.task.domain.text import check_body, check_line
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import due_date_in_past, invalid

LONGEST_TITLE = 500
LARGEST_DESCRIPTION = 100_000
MOST_ASSIGNEES = 50


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
    deleted_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name that people use, such as `ENG-42`."""
        return f"{self.project.key}-{self.number}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPatch:
    """What a caller wants changed; UNSET leaves a field alone, None empties it."""

    title: str | Unset = UNSET
    description: str | Unset = UNSET
    status: str | Unset = UNSET
    priority: Priority | Unset = UNSET
    assignee_ids: Sequence[UUID] | Unset = UNSET
    due_at: datetime | Unset | None = UNSET


def check_draft(draft: TaskDraft, *, now: datetime) -> TaskDraft:
    """The draft in its stored form; that its assignees are members is for the caller to check.

    Raises:
        DomainError: invalid, naming the first wrong field, or DUE_DATE_IN_PAST.
    """
    return replace(
        draft,
        title=check_title(draft.title),
        description=check_description(draft.description),
        assignee_ids=check_assignees(draft.assignee_ids),
        due_at=None if draft.due_at is None else check_due_at(draft.due_at, now=now),
    )


def new_task(
    draft: TaskDraft, *, project: Project, task_id: UUID, number: int, reporter_id: UUID, now: datetime
) -> Task:
    """The task of a checked draft, at version 1.

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
    )


def check_title(title: str) -> str:
    """The trimmed title, 1 to 500 characters on one line."""
    return check_line("title", title, longest=LONGEST_TITLE)


def check_description(description: str) -> str:
    """The description, at most 100 kB."""
    return check_body("description", description, largest=LARGEST_DESCRIPTION)


def check_assignees(assignee_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """The assignees without repetition, in the order given."""
    distinct = tuple(dict.fromkeys(assignee_ids))
    if len(distinct) > MOST_ASSIGNEES:
        raise invalid("assigneeIds", f"A task has at most {MOST_ASSIGNEES} assignees, not {len(distinct)}")
    return distinct


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
