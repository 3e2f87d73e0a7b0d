"""Comments on tasks: threads of one level, mentions, reactions.

Invariant: a comment that is there is never empty; an answer to an answer stands in the same thread; a deleted comment
keeps its place and loses its words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.task.domain.tasks import Task
from subgraphs.task.domain.text import check_body, check_line
from subgraphs.task.errors import comment_deleted, invalid, task_deleted, version_conflict

LARGEST_BODY = 20_000
MOST_MENTIONS = 50
MOST_REACTIONS = 200
LONGEST_EMOJI = 16

# `@[Ada Lovelace](0190…)` as editors insert it, or `@ada@example.org` as people type it.
_BY_ID = re.compile(r"@\[[^\]\n]{0,200}\]\(([0-9a-fA-F-]{36})\)")
_BY_EMAIL = re.compile(r"(?<![\w@])@([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji and who put it there, in the order in which they did."""

    emoji: str
    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about a task; `parent_id` is the comment that its thread began with."""

    id: UUID
    workspace_id: UUID
    task_id: UUID
    author_id: UUID
    body: str
    version: int
    created_at: datetime
    updated_at: datetime
    parent_id: UUID | None = None
    mentioned_ids: tuple[UUID, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft:
    """What a caller says, as an answer to `parent_id` if there is one."""

    task_id: UUID
    body: str
    parent_id: UUID | None = None


class CommentEvent(StrEnum):
    """Which event tells of a comment."""

    ADDED = "comment.added"
    UPDATED = "comment.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChange:
    """A comment came or changed; `task` is the task as it was then (a comment does not change its version)."""

    event_id: UUID
    comment: Comment
    task: Task
    actor_id: UUID
    kind: CommentEvent = CommentEvent.ADDED


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a text names: by id or by e-mail address, not yet checked."""

    ids: frozenset[UUID]
    emails: frozenset[str]


def mentions_in(body: str) -> Mentions:
    """Whom the text names outside of code, at most fifty people."""
    prose = _CODE.sub(" ", body)
    ids = [found for text in _BY_ID.findall(prose) if (found := _uuid(text))]
    emails = [text.lower() for text in _BY_EMAIL.findall(prose)]
    return Mentions(frozenset(ids[:MOST_MENTIONS]), frozenset(emails[:MOST_MENTIONS]))


def new_comment(
    task: Task,
    body: str,
    *,
    comment_id: UUID,
    author_id: UUID,
    now: datetime,
    parent: Comment | None = None,
    mentioned_ids: Iterable[UUID] = (),
) -> Comment:
    """A checked comment.

    Raises:
        DomainError: invalid body, or a precondition when the task or the comment answered is deleted.
    """
    if task.deleted_at is not None:
        raise task_deleted(task.id)
    if parent is not None and parent.deleted_at is not None:
        raise comment_deleted()
    return Comment(
        id=comment_id,
        workspace_id=task.workspace_id,
        task_id=task.id,
        author_id=author_id,
        body=check_body("body", body, largest=LARGEST_BODY, required=True),
        version=1,
        created_at=now,
        updated_at=now,
        parent_id=None if parent is None else parent.parent_id or parent.id,
        mentioned_ids=tuple(sorted(set(mentioned_ids))),
    )


def edit_comment(
    comment: Comment, body: str, *, mentioned_ids: Iterable[UUID], expected: int | None, now: datetime
) -> Comment:
    """The comment with other words; the same object when they are the same.

    Raises:
        DomainError: VERSION_CONFLICT, invalid body, or a precondition when it is deleted.
    """
    check_comment(comment, expected, body)
    checked = check_body("body", body, largest=LARGEST_BODY, required=True)
    if checked == comment.body:
        return comment
    return replace(
        comment,
        body=checked,
        mentioned_ids=tuple(sorted(set(mentioned_ids))),
        edited_at=now,
        updated_at=now,
        version=comment.version + 1,
    )


def delete_comment(comment: Comment, *, expected: int | None, now: datetime) -> Comment:
    """The comment without its words; the same object when it is deleted already.

    Raises:
        DomainError: VERSION_CONFLICT.
    """
    if comment.deleted_at is not None:
        return comment
    check_comment(comment, expected, None)
    return replace(
        comment, body="", mentioned_ids=(), deleted_at=now, updated_at=now, reactions=(), version=comment.version + 1
    )


def check_comment(comment: Comment, expected: int | None, body: str | None) -> None:
    """Refuses a change of what is deleted, or one made from an older sight of the comment.

    Raises:
        DomainError: a precondition, VERSION_CONFLICT.
    """
    if comment.deleted_at is not None:
        raise comment_deleted()
    if expected is not None and expected != comment.version:
        raise version_conflict(
            expected=expected,
            actual=comment.version,
            changed=["body"],
            current={"body": comment.body},
            submitted={} if body is None else {"body": body},
        )


def check_emoji(emoji: str) -> str:
    """A short sign: an emoji or a few letters.

    Raises:
        DomainError: invalid.
    """
    line = check_line("emoji", emoji, longest=LONGEST_EMOJI)
    if any(sign.isspace() for sign in line):
        raise invalid("emoji", "emoji must be one sign")
    return line


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
