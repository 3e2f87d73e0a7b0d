"""Rows of projects and of their workflow states.

Invariant: a number is taken under the project's row lock, so committed numbers have neither gaps nor repetitions.
"""

from collections.abc import Collection
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.projects import Project, ProjectState, Status, StatusCategory, Visibility
from subgraphs.task.errors import project_key_taken
from subgraphs.task.service.ports import Numbering, Page, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import pages

_COLUMNS = """
p.id, p.workspace_id, p.key, p.name, p.description, p.lead_id, p.version, p.created_by, p.created_at, p.updated_at,
p.visibility, p.member_ids, p.archived_at, p.deleted_at, p.sla_version,
(SELECT json_agg(json_build_array(s.id, s.name, s.category, s.is_default) ORDER BY s.position)
 FROM project_statuses s WHERE s.project_id = p.id) AS statuses
"""
_ADD = """
WITH project AS (
  INSERT INTO projects (id, workspace_id, key, name, description, lead_id, version, created_by, created_at, updated_at,
                        visibility, member_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $14, $15)
)
INSERT INTO project_statuses (id, workspace_id, project_id, name, category, position, is_default)
SELECT id, $2, $1, name, category::status_category, position, is_default
FROM unnest($10::uuid[], $11::text[], $12::text[], $13::boolean[])
  WITH ORDINALITY AS state (id, name, category, is_default, position)
"""
_SAVE = """
UPDATE projects SET name = $2, description = $3, lead_id = $4, version = $5, updated_at = $6, visibility = $7,
  member_ids = $8, archived_at = $9, deleted_at = $10
WHERE id = $1
"""
_NO_DEFAULT = "UPDATE project_statuses SET is_default = false WHERE project_id = $1 AND is_default"
_STATES = """
INSERT INTO project_statuses (id, workspace_id, project_id, name, category, position, is_default)
SELECT id, $2, $1, name, category::status_category, position, is_default
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::boolean[])
  WITH ORDINALITY AS state (id, name, category, is_default, position)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, position = excluded.position, is_default = excluded.is_default
"""
_STATES_GONE = "DELETE FROM project_statuses WHERE project_id = $1 AND id <> ALL ($2::uuid[])"
# Whoever moves a task into the state holds a share of its row until they commit, so their task is seen after this.
_LOCK_STATUS = "SELECT FROM project_statuses WHERE id = $1 FOR UPDATE"
_FORGET = """
UPDATE projects SET member_ids = array_remove(member_ids, $2), version = version + 1
WHERE workspace_id = $1 AND $2 = ANY (member_ids)
RETURNING id
"""
_FIND = f"SELECT {_COLUMNS} FROM projects p WHERE p.id = ANY ($1::uuid[])"  # noqa: S608 - constant
_LOCK = f"SELECT {_COLUMNS} FROM projects p WHERE p.id = $1 FOR NO KEY UPDATE OF p"  # noqa: S608 - constant
_TAKE_NUMBER = f"""
UPDATE projects p SET task_counter = task_counter + 1 WHERE p.id = $1
RETURNING p.task_counter AS number,
  ARRAY (SELECT m.user_id FROM memberships m
         WHERE m.workspace_id = p.workspace_id AND m.user_id = ANY ($2::uuid[]) AND m.role IS NOT NULL) AS members,
  {_COLUMNS}
"""  # noqa: S608 - constant
_OF_WORKSPACES = f"""
SELECT {_COLUMNS}, p.workspace_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT * FROM projects WHERE workspace_id = wanted.id AND ($2::uuid IS NULL OR id > $2)
    AND CASE $4 WHEN 'DELETED' THEN deleted_at IS NOT NULL
                WHEN 'ARCHIVED' THEN deleted_at IS NULL AND archived_at IS NOT NULL
                ELSE deleted_at IS NULL AND archived_at IS NULL END
  ORDER BY id LIMIT $3
) p
ORDER BY p.id
"""  # noqa: S608 - constant


class ProjectRows:
    """Implements the port `Projects`."""

    __slots__ = ("_connection", "_outbox", "_written")

    def __init__(self, connection: Connection, outbox: Outbox, written: dict[UUID, Project | None]) -> None:
        """`written` takes what this transaction makes of projects; None for one whose whole state is not known here."""
        self._connection = connection
        self._outbox = outbox
        self._written = written

    async def add(self, project: Project) -> None:
        try:
            await self._connection.execute(
                _ADD,
                project.id,
                project.workspace_id,
                project.key,
                project.name,
                project.description,
                project.lead_id,
                project.version,
                project.created_by,
                project.created_at,
                [status.id for status in project.statuses],
                [status.name for status in project.statuses],
                [status.category.value for status in project.statuses],
                [status.id == project.default_status_id for status in project.statuses],
                project.visibility.value,
                project.member_ids,
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "projects_key_taken":
                raise
            raise project_key_taken(project.key) from None

    async def save(self, project: Project) -> None:
        self._written[project.id] = project
        await self._connection.execute(
            _SAVE,
            project.id,
            project.name,
            project.description,
            project.lead_id,
            project.version,
            project.updated_at,
            project.visibility.value,
            project.member_ids,
            project.archived_at,
            project.deleted_at,
        )

    async def save_workflow(self, project: Project) -> None:
        ids = [status.id for status in project.statuses]
        await self._connection.execute(_NO_DEFAULT, project.id)
        await self._connection.execute(_STATES_GONE, project.id, ids)
        await self._connection.execute(
            _STATES,
            project.id,
            project.workspace_id,
            ids,
            [status.name for status in project.statuses],
            [status.category.value for status in project.statuses],
            [status.id == project.default_status_id for status in project.statuses],
        )
        await self.save(project)

    async def lock_status(self, status_id: UUID) -> None:
        await self._connection.execute(_LOCK_STATUS, status_id)

    async def announce(self, announcement: Announcement) -> None:
        await self._connection.execute(insert_events(1), *self._outbox.columns([announcement]))

    async def forget_member(self, workspace_id: UUID, user_id: UUID) -> None:
        rows = await self._connection.fetch(_FORGET, workspace_id, user_id)
        self._written.update((row["id"], None) for row in rows)

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Project]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: _project(row) for row in rows}

    async def lock(self, project_id: UUID) -> Project | None:
        row = await self._connection.fetchrow(_LOCK, project_id)
        return None if row is None else _project(row)

    async def take_number(self, project_id: UUID, *, members: Collection[UUID]) -> Numbering | None:
        row = await self._connection.fetchrow(_TAKE_NUMBER, project_id, list(members))
        if row is None:
            return None
        return Numbering(project=_project(row), number=row["number"], members=frozenset(row["members"]))

    async def of_workspaces(
        self, ids: Collection[UUID], window: Window, state: ProjectState
    ) -> dict[UUID, Page[Project]]:
        rows = await self._connection.fetch(_OF_WORKSPACES, list(ids), window.after, window.first + 1, state.value)
        return pages(rows, _project, ids, window)


def _project(row: asyncpg.Record) -> Project:
    states = orjson.loads(row["statuses"])
    return Project(
        id=row["id"],
        workspace_id=row["workspace_id"],
        key=row["key"],
        name=row["name"],
        description=row["description"],
        lead_id=row["lead_id"],
        statuses=tuple(
            Status(id=UUID(status_id), name=name, category=StatusCategory(category))
            for status_id, name, category, _ in states
        ),
        default_status_id=next(UUID(status_id) for status_id, _, _, is_default in states if is_default),
        version=row["version"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        visibility=Visibility(row["visibility"]),
        member_ids=tuple(row["member_ids"]),
        archived_at=row["archived_at"],
        deleted_at=row["deleted_at"],
        sla_version=row["sla_version"],
    )
