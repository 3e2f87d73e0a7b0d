"""Rows of tasks, of their assignees and of their history.

Invariant: a task is written in one statement together with its history entries and its events, under the lock of its
row, so the order of a task's events in the outbox is the order of its versions.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.projects import ProjectRef, Status, StatusCategory
from subgraphs.task.domain.tasks import Priority, Task
from subgraphs.task.service.ports import Activity, Page, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import page, pages

_COLUMNS = """
t.id, t.workspace_id, t.project_id, t.number, t.title, t.description, t.status_id, s.name AS status,
t.status_category::text, t.priority::text, t.assignee_ids, t.reporter_id, t.due_at, t.version, t.created_at,
t.updated_at, t.deleted_at, p.key AS project_key, p.name AS project_name, p.lead_id,
p.archived_at AS project_archived_at, p.deleted_at AS project_deleted_at
"""
_JOINS = "JOIN projects p ON p.id = t.project_id JOIN project_statuses s ON s.id = t.status_id"
_HISTORY = """
INSERT INTO task_activity (id, workspace_id, project_id, task_id, version, kind, actor_id, changes, at)
SELECT id, $2, $3, $1, version, kind::change_kind, actor_id, changes::jsonb, at
FROM unnest(${0}::uuid[], ${1}::integer[], ${2}::text[], ${3}::uuid[], ${4}::text[], ${5}::timestamptz[])
  AS entry (id, version, kind, actor_id, changes, at)
"""
_ADD = f"""
WITH task AS (
  INSERT INTO tasks (id, workspace_id, project_id, number, title, description, status_id, status_category, priority,
                     assignee_ids, reporter_id, due_at, position, version, created_at, updated_at)
  VALUES ($1, $2, $3, $4::integer, $5, $6, $7, $8::text::status_category, $9::text::task_priority, $10, $11, $12,
          $4::integer, $13, $14, $14)
), assignees AS (
  INSERT INTO task_assignees (user_id, task_id, workspace_id) SELECT unnest($10::uuid[]), $1, $2
), history AS ({_HISTORY.format(*range(15, 21))})
{insert_events(21)}
"""  # noqa: S608 - constants
_SAVE = f"""
WITH task AS (
  UPDATE tasks SET title = $4, description = $5, status_id = $6, status_category = $7::text::status_category,
    priority = $8::text::task_priority, assignee_ids = $9, due_at = $10, version = $11, updated_at = $12,
    deleted_at = $13
  WHERE id = $1
), gone AS (
  DELETE FROM task_assignees WHERE task_id = $1 AND user_id <> ALL ($9::uuid[])
), come AS (
  INSERT INTO task_assignees (user_id, task_id, workspace_id) SELECT unnest($9::uuid[]), $1, $2 ON CONFLICT DO NOTHING
), history AS ({_HISTORY.format(*range(14, 20))})
{insert_events(20)}
"""  # noqa: S608 - constants
_FIND = f"SELECT {_COLUMNS} FROM tasks t {_JOINS} WHERE t.id = ANY ($1::uuid[])"  # noqa: S608 - constants
_CHANGED_SINCE = """
SELECT jsonb_object_keys(changes) AS field FROM task_activity WHERE task_id = $1 AND version > $2 ORDER BY version
"""
_OF_PROJECTS = f"""
SELECT {_COLUMNS}, t.project_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT * FROM tasks
  WHERE project_id = wanted.id AND deleted_at IS NULL AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
) t {_JOINS}
ORDER BY t.id DESC
"""  # noqa: S608 - constants
_ASSIGNED_TO = f"""
SELECT {_COLUMNS}
FROM task_assignees a JOIN tasks t ON t.id = a.task_id {_JOINS}
WHERE a.user_id = $1 AND t.deleted_at IS NULL AND p.deleted_at IS NULL AND p.archived_at IS NULL
  AND ($2::uuid IS NULL OR a.task_id < $2)
ORDER BY a.task_id DESC LIMIT $3
"""  # noqa: S608 - constants
_ACTIVITY = """
SELECT entry.id, entry.task_id, entry.version, entry.kind::text, entry.actor_id, entry.changes, entry.at,
  entry.task_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT * FROM task_activity
  WHERE task_id = wanted.id
    AND ($2::uuid IS NULL OR version < (SELECT version FROM task_activity WHERE id = $2 AND task_id = wanted.id))
  ORDER BY version DESC LIMIT $3
) entry
ORDER BY entry.task_id, entry.version DESC
"""


class TaskRows:
    """Implements the port `Tasks`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def add(self, change: TaskChange) -> None:
        task = change.task
        await self._connection.execute(
            _ADD,
            task.id,
            task.workspace_id,
            task.project.id,
            task.number,
            task.title,
            task.description,
            task.status.id,
            task.status.category.value,
            task.priority.value,
            task.assignee_ids,
            task.reporter_id,
            task.due_at,
            task.version,
            task.created_at,
            *_history([change]),
            *self._outbox.columns([change]),
        )

    async def save(self, changes: Sequence[TaskChange]) -> None:
        task = changes[-1].task
        await self._connection.execute(
            _SAVE,
            task.id,
            task.workspace_id,
            task.project.id,
            task.title,
            task.description,
            task.status.id,
            task.status.category.value,
            task.priority.value,
            task.assignee_ids,
            task.due_at,
            task.version,
            task.updated_at,
            task.deleted_at,
            *_history(changes),
            *self._outbox.columns(changes),
        )

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Task]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: _task(row) for row in rows}

    async def changed_since(self, task_id: UUID, version: int) -> list[str]:
        rows = await self._connection.fetch(_CHANGED_SINCE, task_id, version)
        return list(dict.fromkeys(row["field"] for row in rows))

    async def of_projects(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        rows = await self._connection.fetch(_OF_PROJECTS, list(ids), window.after, window.first + 1)
        return pages(rows, _task, ids, window)

    async def assigned_to(self, user_id: UUID, window: Window) -> Page[Task]:
        rows = await self._connection.fetch(_ASSIGNED_TO, user_id, window.after, window.first + 1)
        return page(rows, _task, window)

    async def activity(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        rows = await self._connection.fetch(_ACTIVITY, list(ids), window.after, window.first + 1)
        return pages(rows, _activity, ids, window)


def _history(changes: Sequence[TaskChange]) -> tuple[list[object], ...]:
    return (
        [change.id for change in changes],
        [change.task.version for change in changes],
        [change.kind.value for change in changes],
        [change.actor_id for change in changes],
        [_differences(change) for change in changes],
        [change.task.updated_at for change in changes],
    )


def _differences(change: TaskChange) -> str:
    values = change.values
    differences: Mapping[str, Any] = {
        field: {"from": change.previous[field], "to": values[field]} for field in change.changed
    }
    return orjson.dumps(differences, default=str, option=orjson.OPT_UTC_Z).decode()


def _task(row: asyncpg.Record) -> Task:
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
    )


def _activity(row: asyncpg.Record) -> Activity:
    return Activity(
        id=row["id"],
        task_id=row["task_id"],
        version=row["version"],
        kind=ChangeKind(row["kind"]),
        actor_id=row["actor_id"],
        changes=orjson.loads(row["changes"]),
        at=row["at"],
    )
