"""Owns the rules who is told what when something happened. Nobody is told of their own deed, and nobody twice of one:
who is named in a comment is told so, and not that there is one. Whoever takes part hears of a task: those who have it
and those who watch it; its reporter and whoever commented watch it until they no longer want to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from re import compile as pattern
from uuid import UUID

from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notifications import Category

_TITLE_LIMIT = 200
_BODY_LIMIT = 500
_PLANNED_BY = {"dueAt": "due date", "priority": "priority"}
_MENTION = pattern(r"@\[([^\]\n]{0,200})\]\([0-9a-fA-F-]{36}\)")
_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a notice needs to know of a task."""

    id: UUID
    workspace_id: UUID
    project_id: UUID
    key: str
    title: str
    status: str
    assignee_ids: tuple[UUID, ...]
    watcher_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment, with those whom it names."""

    id: UUID
    text: str
    author_id: UUID
    mentioned_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a durable clock found: a deadline that is near, or one that has passed."""

    category: Category
    workspace_id: UUID
    project_id: UUID
    task_id: UUID
    task_key: str
    title: str
    recipient_ids: tuple[UUID, ...]
    due_at: datetime
    fired_at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A way into a workspace for somebody who may have no account yet. The token is a secret."""

    id: UUID
    workspace_id: UUID
    workspace_name: str
    email: str
    role: str
    inviter_name: str
    token: str
    expires_at: datetime
    reminder: bool = False


class Purpose(StrEnum):
    """What a link of an account is for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  # a purpose
    EMAIL_VERIFICATION = "email_verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A link that somebody is to have by mail. The token is a secret that works once."""

    id: UUID
    purpose: Purpose
    email: str
    display_name: str
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something worth telling, and whom. Texts are plain data: nobody downstream may take them for markup.

    Events with one `subject_id` tell of one thing, which is told once. Only what is `to_strangers` reaches people who
    do not belong to the workspace any more.
    """

    category: Category
    recipients: tuple[UUID, ...]
    title: str
    body: str
    workspace_id: UUID
    project_id: UUID | None
    task_id: UUID | None
    task_key: str | None
    subject_id: UUID | None = None
    to_strangers: bool = False


def assigned(task: Task, newly: Iterable[UUID], actor_id: UUID, actor: str) -> Notice:
    """For those who now have the task."""
    return _of_task(Category.TASK_ASSIGNED, task, newly, actor_id, f"{actor} assigned {task.key} to you", task.title)


def moved(task: Task, actor_id: UUID, actor: str) -> Notice:
    """For whoever takes part."""
    status = task.status.replace("_", " ").replace("-", " ").strip()
    title = f"{actor} moved {task.key} to {status}"
    return _of_task(Category.TASK_STATUS, task, _involved(task), actor_id, title, task.title)


def changed(task: Task, fields: Iterable[str], told: Iterable[UUID], actor_id: UUID, actor: str) -> Notice | None:
    """For whoever takes part and was not told already; None when nothing changed that they plan by."""
    what = [_PLANNED_BY[field] for field in fields if field in _PLANNED_BY]
    if not what:
        return None
    recipients = [user for user in _involved(task) if user not in set(told)]
    title = f"{actor} changed the {' and the '.join(what)} of {task.key}"
    return _of_task(Category.TASK_CHANGED, task, recipients, actor_id, title, task.title)


def gone(task: Task, deleted: bool, actor_id: UUID, actor: str) -> Notice:
    """For whoever took part in a task that was deleted, or takes part again."""
    title = f"{actor} {'deleted' if deleted else 'restored'} {task.key}"
    return _of_task(Category.TASK_CHANGED, task, _involved(task), actor_id, title, task.title)


def mentioned(task: Task, remark: Remark, actor: str) -> Notice:
    """For those whom a comment names."""
    title = f"{actor} mentioned you on {task.key}"
    text = _named(remark.text)
    notice = _of_task(Category.COMMENT_MENTIONED, task, remark.mentioned_ids, remark.author_id, title, text)
    # An edit that names somebody else is another event about the same thing.
    return replace(notice, subject_id=remark.id)


def commented(task: Task, remark: Remark, actor: str) -> Notice:
    """For whoever takes part and is not named in it."""
    recipients = [user for user in _involved(task) if user not in remark.mentioned_ids]
    title = f"{actor} commented on {task.key}"
    return _of_task(Category.COMMENT_ADDED, task, recipients, remark.author_id, title, _named(remark.text))


def joined(member: Membership, workspace: str, before: Membership | None, actor_id: UUID, actor: str) -> Notice | None:
    """For a member whom somebody else let in, gave another role or removed; None when nothing changed for them."""
    was = before.role if before is not None else None
    if member.user_id == actor_id or member.role == was:
        return None
    if member.role is None:
        title = f"{actor} removed you from {workspace}"
    elif was is None:
        title = f"{actor} added you to {workspace} as {member.role.lower()}"
    else:
        title = f"{actor} made you {member.role.lower()} of {workspace}"
    return Notice(
        category=Category.WORKSPACE_MEMBER,
        recipients=(member.user_id,),
        title=_clip(title, _TITLE_LIMIT),
        body="",
        workspace_id=member.workspace_id,
        project_id=None,
        task_id=None,
        task_key=None,
        to_strangers=True,
    )


def alerted(alert: Alert) -> Notice:
    """For those whom the workflow names, whoever they are."""
    if alert.category is Category.SLA_ESCALATION:
        title = f"{alert.task_key} is overdue"
    else:
        title = f"{alert.task_key} is due {_distance(alert.due_at - alert.fired_at)}"
    if alert.late:
        title = f"Late notice: {title}"
    return Notice(
        category=alert.category,
        recipients=tuple(dict.fromkeys(alert.recipient_ids)),
        title=_clip(title, _TITLE_LIMIT),
        body=_clip(alert.title, _BODY_LIMIT),
        workspace_id=alert.workspace_id,
        project_id=alert.project_id,
        task_id=alert.task_id,
        task_key=alert.task_key,
    )


def _of_task(
    category: Category, task: Task, recipients: Iterable[UUID], actor_id: UUID, title: str, body: str
) -> Notice:
    return Notice(
        category=category,
        recipients=tuple(user for user in dict.fromkeys(recipients) if user != actor_id),
        title=_clip(title, _TITLE_LIMIT),
        body=_clip(body, _BODY_LIMIT),
        workspace_id=task.workspace_id,
        project_id=task.project_id,
        task_id=task.id,
        task_key=task.key,
    )


def _involved(task: Task) -> tuple[UUID, ...]:
    return (*task.watcher_ids, *task.assignee_ids)


def _named(text: str) -> str:
    """A comment as it reads: `@Ada` for the mark that names her."""
    return _MENTION.sub(r"@\1", text)


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _distance(left: timedelta) -> str:
    """How far away a deadline is, in the largest unit that says something."""
    seconds = max(0, round(left.total_seconds()))
    if seconds == 0:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    count = round(seconds / size)
    return f"in {count} {unit}" + ("" if count == 1 else "s")
