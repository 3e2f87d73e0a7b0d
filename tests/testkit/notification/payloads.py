"""Owns payloads as other services publish them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.ids import new_id
from proto.events import (
    CommentAdded,
    CommentEntity,
    ProjectRef,
    StatusCategory,
    SystemAlert,
    TaskCreated,
    TaskEntity,
    TaskStatusUpdated,
    UserInvited,
)


def task_entity(reporter_id: UUID, *assignee_ids: UUID, **changes: Any) -> TaskEntity:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "id": new_id(),
        "workspace_id": new_id(),
        "project_id": new_id(),
        "key": "ENG-42",
        "number": 42,
        "title": "Write the plan",
        "status": "todo",
        "status_category": StatusCategory.UNSTARTED,
        "priority": "NONE",
        "assignee_ids": assignee_ids,
        "watcher_ids": (reporter_id,),
        "reporter_id": reporter_id,
        "lead_id": reporter_id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "project": ProjectRef(id=new_id(), key="ENG", name="Engines"),
    }
    return TaskEntity(**(values | changes))


def created(task: TaskEntity) -> TaskCreated:
    return TaskCreated(task=task, actor_id=task.reporter_id)


def moved(task: TaskEntity, actor_id: UUID) -> TaskStatusUpdated:
    return TaskStatusUpdated(task=task, changed=("status",), previous={"status": "todo"}, actor_id=actor_id)


def commented(task: TaskEntity, author_id: UUID, body: str = "Looks good") -> CommentAdded:
    comment = CommentEntity(
        id=new_id(), task_id=task.id, body=body, author_id=author_id, created_at=datetime.now(UTC), version=1
    )
    return CommentAdded(comment=comment, task=task, actor_id=author_id)


def alerted(task: TaskEntity, recipient_id: UUID, kind: str = "sla.reminder", **changes: Any) -> SystemAlert:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "kind": kind,
        "workspace_id": task.workspace_id,
        "task_id": task.id,
        "project_id": task.project_id,
        "task_key": task.key,
        "title": task.title,
        "recipient_ids": (recipient_id,),
        "due_at": now + timedelta(hours=24),
        "fired_at": now,
        "late": False,
        "task_version": task.version,
    }
    return SystemAlert(**(values | changes))


def invited(email: str, **changes: Any) -> UserInvited:
    values: dict[str, Any] = {
        "invitation_id": new_id(),
        "workspace_id": new_id(),
        "workspace_name": "Engines",
        "email": email,
        "role": "MEMBER",
        "inviter_id": new_id(),
        "inviter_name": "Ada",
        "token": "a-secret-token",
        "expires_at": datetime.now(UTC) + timedelta(days=14),
    }
    return UserInvited(**(values | changes))
