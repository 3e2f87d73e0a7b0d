"""Rows of comments and reactions. Invariant: each is written in one statement with its event, under its task's lock."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.comments import Comment, CommentChange, Reaction
from subgraphs.task.service.ports import Page, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import pages

_OWN = """
id, workspace_id, task_id, author_id, body, version, created_at, updated_at, parent_id, mentioned_ids, edited_at,
deleted_at
"""
_COLUMNS = f"""
{_OWN},
(SELECT json_agg(json_build_array(r.emoji, r.user_ids) ORDER BY r.since, r.emoji) FROM (
   SELECT emoji, json_agg(user_id ORDER BY at, user_id) AS user_ids, min(at) AS since
   FROM comment_reactions WHERE comment_id = c.id GROUP BY emoji
 ) r) AS reactions
"""  # noqa: S608 - constants
_ADD = f"""
WITH comment AS (
  INSERT INTO comments ({_OWN}, project_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
)
{insert_events(14)}
"""  # noqa: S608 - constants
_SAVE = f"""
WITH comment AS (
  UPDATE comments SET body = $2, version = $3, updated_at = $4, mentioned_ids = $5, edited_at = $6, deleted_at = $7
  WHERE id = $1
), gone AS (
  DELETE FROM comment_reactions WHERE comment_id = $1 AND $7::timestamptz IS NOT NULL
)
{insert_events(8)}
"""  # noqa: S608 - constants
_REACT = f"""
WITH reaction AS (
  INSERT INTO comment_reactions (comment_id, emoji, user_id, workspace_id, project_id, at)
  SELECT $1, $2, $3, workspace_id, project_id, $4 FROM comments WHERE id = $1
  ON CONFLICT DO NOTHING
)
{insert_events(5)}
"""  # noqa: S608 - constants
_UNREACT = f"""
WITH reaction AS (DELETE FROM comment_reactions WHERE comment_id = $1 AND emoji = $2 AND user_id = $3)
{insert_events(4)}
"""  # noqa: S608 - constants
_FIND = f"SELECT {_COLUMNS} FROM comments c WHERE id = ANY ($1::uuid[])"  # noqa: S608 - constants


def _listing(parent: str, condition: str = "true") -> str:
    return f"""
    SELECT comment.*, comment.{parent} AS parent
    FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
      SELECT {_COLUMNS} FROM comments c
      WHERE {parent} = wanted.id AND {condition} AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
    ) comment
    ORDER BY comment.id
    """  # noqa: S608 - constants


_OF_TASKS = _listing("task_id")
_THREADS = _listing("task_id", "parent_id IS NULL")
_REPLIES = _listing("parent_id")


class CommentRows:
    """Implements the port `Comments`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def add(self, added: CommentChange) -> None:
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
            comment.parent_id,
            comment.mentioned_ids,
            comment.edited_at,
            comment.deleted_at,
            added.task.project.id,
            *self._outbox.columns([added]),
        )

    async def save(self, change: CommentChange) -> None:
        comment = change.comment
        await self._connection.execute(
            _SAVE,
            comment.id,
            comment.body,
            comment.version,
            comment.updated_at,
            comment.mentioned_ids,
            comment.edited_at,
            comment.deleted_at,
            *self._outbox.columns([change]),
        )

    async def react(self, change: CommentChange, emoji: str, at: datetime) -> None:
        events = self._outbox.columns([change])
        await self._connection.execute(_REACT, change.comment.id, emoji, change.actor_id, at, *events)

    async def unreact(self, change: CommentChange, emoji: str) -> None:
        events = self._outbox.columns([change])
        await self._connection.execute(_UNREACT, change.comment.id, emoji, change.actor_id, *events)

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Comment]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: _comment(row) for row in rows}

    async def of_tasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        return await self._list(_OF_TASKS, ids, window)

    async def threads(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        return await self._list(_THREADS, ids, window)

    async def replies(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        return await self._list(_REPLIES, ids, window)

    async def _list(self, statement: str, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        rows = await self._connection.fetch(statement, list(ids), window.after, window.first + 1)
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
        parent_id=row["parent_id"],
        mentioned_ids=tuple(row["mentioned_ids"]),
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        reactions=tuple(
            Reaction(emoji=emoji, user_ids=tuple(UUID(user_id) for user_id in user_ids))
            for emoji, user_ids in orjson.loads(row["reactions"] or "[]")
        ),
    )
