"""How a task becomes a row and a row a task. Invariant: what is written reads back equal."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.projects import ProjectRef, Status, StatusCategory
from subgraphs.task.domain.tasks import Priority, Task

COLUMNS = """
t.id, t.workspace_id, t.project_id, t.number, t.title, t.description, t.status_id, s.name AS status,
t.status_category::text, t.priority::text, t.assignee_ids, t.reporter_id, t.due_at, t.version, t.created_at,
t.updated_at, t.deleted_at, t.start_at, t.estimate, t.parent_id, t.position, t.blocked_by_ids, t.watcher_ids,
p.key AS project_key, p.name AS project_name, p.lead_id,
p.archived_at AS project_archived_at, p.deleted_at AS project_deleted_at, p.sla_version,
CASE WHEN t.label_ids <> '{}' THEN
  (SELECT json_agg(json_build_array(l.id, l.name, l.color, l.version) ORDER BY array_position(t.label_ids, l.id))
   FROM labels l WHERE l.id = ANY (t.label_ids) AND l.deleted_at IS NULL)
END AS labels
"""
JOINS = "JOIN projects p ON p.id = t.project_id JOIN project_statuses s ON s.id = t.status_id"

RECORD = """
(id uuid, workspace_id uuid, project_id uuid, number integer, title text, description text, status_id uuid,
 status_category status_category, priority task_priority, assignee_ids uuid[], reporter_id uuid, due_at timestamptz,
 version integer, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, start_at timestamptz,
 estimate integer, parent_id uuid, position text, label_ids uuid[], blocked_by_ids uuid[], watcher_ids uuid[])
"""
"""The columns of `encoded`, for `json_to_recordset`."""


def encoded(tasks: Iterable[Task]) -> str:
    """The tasks as JSON records."""
    return orjson.dumps([_record(task) for task in tasks], default=str).decode()


def _record(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "workspace_id": task.workspace_id,
        "project_id": task.project.id,
        "number": task.number,
        "title": task.title,
        "description": task.description,
        "status_id": task.status.id,
        "status_category": task.status.category,
        "priority": task.priority,
        "assignee_ids": task.assignee_ids,
        "reporter_id": task.reporter_id,
        "due_at": task.due_at,
        "version": task.version,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "deleted_at": task.deleted_at,
        "start_at": task.start_at,
        "estimate": task.estimate,
        "parent_id": task.parent_id,
        "position": task.position,
        "label_ids": task.label_ids,
        "blocked_by_ids": task.blocked_by_ids,
        "watcher_ids": task.watcher_ids,
    }


def read(row: asyncpg.Record) -> Task:
    """The task of a row with COLUMNS."""
    return Task(
        id=row["id"],
        workspace_id=row["workspace_id"],
        project=ProjectRef(
            id=row["project_id"],
            key=row["project_key"],
            name=row["project_name"],
            lead_id=row["lead_id"],
            archived_at=row["project_archived_at"],
            deleted_at=row["project_deleted_at"],
            sla_version=row["sla_version"],
        ),
        number=row["number"],
        title=row["title"],
        description=row["description"],
        status=Status(id=row["status_id"], name=row["status"], category=StatusCategory(row["status_category"])),
        priority=Priority(row["priority"]),
        assignee_ids=tuple(row["assignee_ids"]),
        reporter_id=row["reporter_id"],
        due_at=row["due_at"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
        start_at=row["start_at"],
        estimate=row["estimate"],
        parent_id=row["parent_id"],
        position=row["position"],
        labels=_labels(row),
        blocked_by_ids=tuple(row["blocked_by_ids"]),
        watcher_ids=tuple(row["watcher_ids"]),
    )


def _labels(row: asyncpg.Record) -> tuple[Label, ...]:
    if row["labels"] is None:
        return ()
    return tuple(
        Label(
            id=UUID(label_id),
            workspace_id=row["workspace_id"],
            project_id=row["project_id"],
            name=name,
            color=color,
            version=version,
        )
        for label_id, name, color, version in orjson.loads(row["labels"])
    )
