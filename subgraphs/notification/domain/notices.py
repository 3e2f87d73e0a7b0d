"""Owns the rules who is told what when something happened. A person is never told of their own deed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from subgraphs.notification.domain.notifications import Category

_TITLE_LIMIT = 200
_BODY_LIMIT = 500
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
    reporter_id: UUID


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
    """Something worth telling, and whom. Texts are plain data: nobody downstream may take them for markup."""

    category: Category
    recipients: tuple[UUID, ...]
    title: str
    body: str
    workspace_id: UUID
    project_id: UUID | None
    task_id: UUID | None
    task_key: str | None


def assigned(task: Task, newly: Iterable[UUID], actor_id: UUID, actor: str) -> Notice:
    """For those who now have the task."""
    return _of_task(Category.TASK_ASSIGNED, task, newly, actor_id, f"{actor} assigned {task.key} to you", task.title)


def moved(task: Task, actor_id: UUID, actor: str) -> Notice:
    """For the reporter and the assignees."""
    status = task.status.replace("_", " ").replace("-", " ").strip()
    title = f"{actor} moved {task.key} to {status}"
    return _of_task(Category.TASK_STATUS, task, _involved(task), actor_id, title, task.title)


def commented(task: Task, comment: str, earlier: Iterable[UUID], actor_id: UUID, actor: str) -> Notice:
    """For the reporter, the assignees and whoever commented before."""
    involved = (*_involved(task), *earlier)
    return _of_task(Category.COMMENT_ADDED, task, involved, actor_id, f"{actor} commented on {task.key}", comment)


def alerted(alert: Alert) -> Notice:
    """For those whom the workflow names, whoever they are."""
    if alert.category is Category.SLA_ESCALATION:
        title = f"{alert.task_key} is overdue"
    else:
        title = f"{alert.task_key} is due {_distance(alert.due_at - alert.fired_at)}"
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
    return (task.reporter_id, *task.assignee_ids)


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
