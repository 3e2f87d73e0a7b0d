"""Rows of comments. Invariant: a comment is written in one statement with its event, under its task's row lock."""

from collections.abc import Collection
from uuid import UUID

import asyncpg

from subgraphs.task.domain.comments import Comment, CommentAdded
from subgraphs.task.service.ports import Page, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import pages

_COLUMNS = "id, workspace_id, task_id, author_id, body, version, created_at, updated_at"
_ADD = f"""
WITH comment AS (
  INSERT INTO comments ({_COLUMNS}, project_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)
{insert_events(10)}
"""  # noqa: S608 - constants
_FIND = f"SELECT {_COLUMNS} FROM comments WHERE id = ANY ($1::uuid[])"  # noqa: S608 - constants
_OF_TASKS = f"""
SELECT comment.*, comment.task_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT {_COLUMNS} FROM comments
  WHERE task_id = wanted.id AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
) comment
ORDER BY comment.id
"""  # noqa: S608 - constants


class CommentRows:
    """Implements the port `Comments`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def add(self, added: CommentAdded) -> None:
        comment = added.comment
        await self._connection.execute(
            _ADD,
            comment.id,
            comment.workspace_id,
            comment.task_id,
            comment.author_id,
            comment.body,
            comment.version,
            comment.created_at,
            comment.updated_at,
            added.task.project.id,
            *self._outbox.columns([added]),
        )

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Comment]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: _comment(row) for row in rows}

    async def of_tasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        rows = await self._connection.fetch(_OF_TASKS, list(ids), window.after, window.first + 1)
        return pages(rows, _comment, ids, window)


def _comment(row: asyncpg.Record) -> Comment:
    return Comment(
        id=row["id"],
        workspace_id=row["workspace_id"],
        task_id=row["task_id"],
        author_id=row["author_id"],
        body=row["body"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
