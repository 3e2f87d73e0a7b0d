"""Rows of tasks, of what hangs on them and of their history.

Invariant: tasks are written in one statement together with their history entries and events, under the locks of their
rows, so the order of a task's events in the outbox is the order of its versions.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.positions import of_number
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Activity, Gap, Page, Place, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import pages
from subgraphs.task.store.task_records import COLUMNS, JOINS, RECORD, encoded, read

_HISTORY = """
INSERT INTO task_activity (id, workspace_id, project_id, task_id, version, kind, actor_id, changes, at)
SELECT id, workspace_id, project_id, task_id, version, kind::change_kind, actor_id, changes::jsonb, at
FROM unnest(${0}::uuid[], ${1}::uuid[], ${2}::uuid[], ${3}::uuid[], ${4}::integer[], ${5}::text[], ${6}::uuid[],
            ${7}::text[], ${8}::timestamptz[])
  AS entry (id, workspace_id, project_id, task_id, version, kind, actor_id, changes, at)
"""
# What a task lists is kept again in a table of its own, to be found from the other side.
_LINKS = {
    "assigneeIds": ("task_assignees", "user_id", "assignee_ids"),
    "labelIds": ("task_labels", "label_id", "label_ids"),
    "blockedByIds": ("task_dependencies", "blocker_id", "blocked_by_ids"),
}
_NEW = f"new AS (SELECT * FROM json_to_recordset($1::json) AS record {RECORD})"  # noqa: S608 - constants
_INSERT = """
INSERT INTO tasks (id, workspace_id, project_id, number, title, description, status_id, status_category, priority,
                   assignee_ids, reporter_id, due_at, version, created_at, updated_at, start_at, estimate, parent_id,
                   position, label_ids, blocked_by_ids, watcher_ids)
SELECT id, workspace_id, project_id, number, title, description, status_id, status_category, priority,
       assignee_ids, reporter_id, due_at, version, created_at, updated_at, start_at, estimate, parent_id,
       position, label_ids, blocked_by_ids, watcher_ids
FROM new
"""
_UPDATE = """
UPDATE tasks t SET title = new.title, description = new.description, status_id = new.status_id,
  status_category = new.status_category, priority = new.priority, assignee_ids = new.assignee_ids,
  due_at = new.due_at, version = new.version, updated_at = new.updated_at, deleted_at = new.deleted_at,
  start_at = new.start_at, estimate = new.estimate, parent_id = new.parent_id, position = new.position,
  label_ids = new.label_ids, blocked_by_ids = new.blocked_by_ids
FROM new WHERE t.id = new.id
"""
_FIND = f"SELECT {COLUMNS} FROM tasks t {JOINS} WHERE t.id = ANY ($1::uuid[])"  # noqa: S608 - constants
_LOCK = "SELECT id FROM tasks WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_CHANGED_SINCE = """
SELECT jsonb_object_keys(changes) AS field FROM task_activity WHERE task_id = $1 AND version > $2 ORDER BY version
"""
_SUBTASKS = f"""
SELECT {COLUMNS}, t.parent_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT * FROM tasks
  WHERE parent_id = wanted.id AND deleted_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
) t {JOINS}
ORDER BY t.id
"""  # noqa: S608 - constants
_BLOCKED = f"""
SELECT {COLUMNS}, found.blocker_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT d.blocker_id, d.task_id FROM task_dependencies d JOIN tasks b ON b.id = d.task_id
  WHERE d.blocker_id = wanted.id AND b.deleted_at IS NULL AND ($2::uuid IS NULL OR d.task_id > $2)
  ORDER BY d.task_id LIMIT $3
) found JOIN tasks t ON t.id = found.task_id {JOINS}
ORDER BY t.id
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
# Both walk only what the tenant's policy lets through, private projects included: a cycle is one wherever it leads.
_WAITS = """
WITH RECURSIVE up (id) AS (
  SELECT unnest($2::uuid[])
  UNION
  SELECT d.blocker_id FROM up JOIN task_dependencies d ON d.task_id = up.id
)
SELECT EXISTS (SELECT FROM up WHERE id = $1)
"""
_BELOW = """
WITH RECURSIVE up (id) AS (
  SELECT $2::uuid
  UNION
  SELECT t.parent_id FROM up JOIN tasks t ON t.id = up.id WHERE t.parent_id IS NOT NULL
)
SELECT EXISTS (SELECT FROM up WHERE id = $1)
"""
_END = "SELECT task_counter + 1 FROM projects WHERE id = $1"
_NEXT = """
SELECT position FROM tasks WHERE project_id = $1 AND position > $2 AND id <> $3 ORDER BY position, id LIMIT 1
"""
_PREVIOUS = """
SELECT position FROM tasks WHERE project_id = $1 AND position < $2 AND id <> $3 ORDER BY position DESC, id DESC LIMIT 1
"""
_UP_TO = """
SELECT id, position FROM tasks WHERE project_id = $1 AND position <= $2 ORDER BY position DESC, id DESC LIMIT $3
"""
_BEHIND = "SELECT id, position FROM tasks WHERE project_id = $1 AND position > $2 ORDER BY position, id LIMIT $3"
_IN_STATUS = "SELECT id FROM tasks WHERE project_id = $1 AND status_id = $2 LIMIT $3"
_WATCH = """
UPDATE tasks SET watcher_ids = CASE WHEN $3 THEN array_append(array_remove(watcher_ids, $2), $2)
                                    ELSE array_remove(watcher_ids, $2) END
WHERE id = $1
"""
_BOARD, _GRAPH = 1, 2


class TaskRows:
    """Implements the port `Tasks`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def add(self, change: TaskChange) -> None:
        task = change.task
        links = [name for name, ids in _linked(task).items() if ids]
        await self._write(_statement(_INSERT, frozenset(links)), [task], [change])

    async def save(self, changes: Sequence[TaskChange]) -> None:
        last = {change.task.id: change.task for change in changes}
        links = {name for change in changes for name in change.changed if name in _LINKS}
        await self._write(_statement(_UPDATE, frozenset(links)), list(last.values()), changes)

    async def _write(self, statement: str, tasks: Sequence[Task], changes: Sequence[TaskChange]) -> None:
        await self._connection.execute(statement, encoded(tasks), *_history(changes), *self._outbox.columns(changes))

    async def watch(self, task_id: UUID, user_id: UUID, *, watching: bool) -> None:
        await self._connection.execute(_WATCH, task_id, user_id, watching)

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Task]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: read(row) for row in rows}

    async def lock(self, ids: Collection[UUID]) -> None:
        await self._connection.fetch(_LOCK, list(ids))

    async def lock_board(self, project_id: UUID) -> None:
        await self._lock_for(_BOARD, project_id)

    async def lock_graph(self, workspace_id: UUID) -> None:
        await self._lock_for(_GRAPH, workspace_id)

    async def _lock_for(self, purpose: int, owner: UUID) -> None:
        await self._connection.execute("SELECT pg_advisory_xact_lock($1, $2)", purpose, owner.int & 0x7FFFFFFF)

    async def waits_for(self, task_id: UUID, blocker_ids: Collection[UUID]) -> bool:
        waits: bool = await self._connection.fetchval(_WAITS, task_id, list(blocker_ids))
        return waits

    async def is_above(self, task_id: UUID, parent_id: UUID) -> bool:
        above: bool = await self._connection.fetchval(_BELOW, task_id, parent_id)
        return above

    async def gap(self, project_id: UUID, place: str | None, *, behind: bool, without: UUID) -> Gap:
        if place is not None and not behind:
            previous = await self._connection.fetchval(_PREVIOUS, project_id, place, without)
            return Gap(previous or "", place)
        end = of_number(await self._connection.fetchval(_END, project_id))
        if place is None:
            last = await self._connection.fetchval(_PREVIOUS, project_id, end, without)
            return Gap(last or "", end)
        following = await self._connection.fetchval(_NEXT, project_id, place, without)
        return Gap(place, following or end)

    async def places_around(self, project_id: UUID, place: str, count: int) -> tuple[Sequence[Place], Gap]:
        before = await self._connection.fetch(_UP_TO, project_id, place, count + 1)
        behind = await self._connection.fetch(_BEHIND, project_id, place, count + 1)
        end = of_number(await self._connection.fetchval(_END, project_id))
        low = before[count]["position"] if len(before) > count else ""
        high = behind[count]["position"] if len(behind) > count else end
        rows = [*reversed(before[:count]), *behind[:count]]
        return [Place(row["id"], row["position"]) for row in rows], Gap(low, high)

    async def in_status(self, project_id: UUID, status_id: UUID, limit: int) -> Sequence[UUID]:
        rows = await self._connection.fetch(_IN_STATUS, project_id, status_id, limit)
        return [row["id"] for row in rows]

    async def changed_since(self, task_id: UUID, version: int) -> list[str]:
        rows = await self._connection.fetch(_CHANGED_SINCE, task_id, version)
        return list(dict.fromkeys(row["field"] for row in rows))

    async def subtasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        rows = await self._connection.fetch(_SUBTASKS, list(ids), window.after, window.first + 1)
        return pages(rows, read, ids, window)

    async def blocked_by(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        rows = await self._connection.fetch(_BLOCKED, list(ids), window.after, window.first + 1)
        return pages(rows, read, ids, window)

    async def activity(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        rows = await self._connection.fetch(_ACTIVITY, list(ids), window.after, window.first + 1)
        return pages(rows, _activity, ids, window)


@lru_cache
def _statement(write: str, links: frozenset[str]) -> str:
    """One statement for tasks ($1), the links that changed, history ($2 to $10) and events ($11 to $17)."""
    parts = [_NEW, f"task AS ({write})"]
    for link in sorted(links):
        table, column, array = _LINKS[link]
        if write is _UPDATE:
            parts.append(
                f"{array}_gone AS (DELETE FROM {table} link USING new "  # noqa: S608 - constants
                f"WHERE link.task_id = new.id AND link.{column} <> ALL (new.{array}))"
            )
        parts.append(
            f"{array}_come AS (INSERT INTO {table} ({column}, task_id, workspace_id) "  # noqa: S608 - constants
            f"SELECT linked, new.id, new.workspace_id FROM new, unnest(new.{array}) AS linked ON CONFLICT DO NOTHING)"
        )
    parts.append(f"history AS ({_HISTORY.format(*range(2, 11))})")
    return f"WITH {', '.join(parts)} {insert_events(11)}"


def _linked(task: Task) -> dict[str, Sequence[UUID]]:
    return {"assigneeIds": task.assignee_ids, "labelIds": task.label_ids, "blockedByIds": task.blocked_by_ids}


def _history(changes: Sequence[TaskChange]) -> tuple[list[object], ...]:
    return (
        [change.id for change in changes],
        [change.task.workspace_id for change in changes],
        [change.task.project.id for change in changes],
        [change.task.id for change in changes],
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
