"""Comments on tasks. Invariant: a comment is never empty and belongs to the workspace of its task."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.task.domain.tasks import Task
from subgraphs.task.domain.text import check_body
from subgraphs.task.errors import task_deleted

LARGEST_BODY = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about a task."""

    id: UUID
    workspace_id: UUID
    task_id: UUID
    author_id: UUID
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft:
    """What a caller says."""

    task_id: UUID
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAdded:
    """The event of a new comment; `task` is the task as it was then (a comment does not change its version)."""

    event_id: UUID
    comment: Comment
    task: Task
    actor_id: UUID


def new_comment(task: Task, body: str, *, comment_id: UUID, author_id: UUID, now: datetime) -> Comment:
    """A checked comment.

    Raises:
        DomainError: invalid body, or a precondition when the task is deleted.
    """
    if task.deleted_at is not None:
        raise task_deleted(task.id)
    return Comment(
        id=comment_id,
        workspace_id=task.workspace_id,
        task_id=task.id,
        author_id=author_id,
        body=check_body("body", body, largest=LARGEST_BODY, required=True),
        version=1,
        created_at=now,
        updated_at=now,
    )
