"""Lists of tasks, searches and counts.

Invariant: each reads in the order of an index and stops when its page is full, so it costs the same among a hundred
tasks and a hundred thousand; a count stops at its bound. Cursors name the last entry seen, never an offset.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from subgraphs.task.domain.queries import NEWEST_FIRST, TaskQuery
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.ports import Count, Page, Ranked, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.paging import page, pages
from subgraphs.task.store.task_filters import Parameters, behind, condition, order
from subgraphs.task.store.task_records import COLUMNS, JOINS, read

MOST_COUNTED = 1_000
MOST_RANKED = 2_000
"""How many of the tasks found are ranked."""

_OPEN_PROJECT = """
t.project_id <> ALL ((SELECT coalesce(array_agg(id), '{{}}') FROM projects
                      WHERE workspace_id = {0} AND (deleted_at IS NOT NULL OR archived_at IS NOT NULL))::uuid[])
"""
_SEARCH = f"""
WITH wanted AS (
  SELECT websearch_to_tsquery('english', $1) AS words, websearch_to_tsquery('english', $1) && $2::tsquery AS query
), found AS (
  SELECT t.id, s.document
  FROM wanted, task_search s JOIN tasks t ON t.id = s.task_id
  WHERE numnode(wanted.words) > 0 AND s.document @@ wanted.query AND t.deleted_at IS NULL
    AND t.workspace_id = $3 AND {_OPEN_PROJECT.format("$3")}
  LIMIT {MOST_RANKED}
), ranked AS (
  SELECT id, ts_rank(document, words)::float8 AS rank FROM found, wanted
), page AS (
  SELECT id, rank FROM ranked
  WHERE $4::float8 IS NULL OR (rank, id) < ($4::float8, $5::uuid)
  ORDER BY rank DESC, id DESC LIMIT $6
)
SELECT {COLUMNS}, page.rank FROM page JOIN tasks t ON t.id = page.id {JOINS} ORDER BY page.rank DESC, t.id DESC
"""  # noqa: S608 - constants


class TaskListRows:
    """Implements the port `TaskLists`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_projects(self, ids: Collection[UUID], window: Window, query: TaskQuery) -> dict[UUID, Page[Task]]:
        if len(ids) == 1:
            [project_id] = ids
            return {project_id: await self._of_project(project_id, window, query)}
        parameters = Parameters(list(ids))
        where = _narrowed("t.project_id = wanted.id AND t.deleted_at IS NULL", window, query, parameters)
        rows = await self._connection.fetch(
            f"""
            SELECT {COLUMNS}, t.project_id AS parent
            FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
              SELECT * FROM tasks t WHERE {where} ORDER BY {order(query.sort)} LIMIT {window.first + 1}
            ) t {JOINS}
            ORDER BY {order(query.sort)}
            """,  # noqa: S608 - our own words; values are parameters
            *parameters.values,
        )
        return pages(rows, read, ids, window)

    async def _of_project(self, project_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        # The usual case, in which the planner knows how large this project is.
        parameters = Parameters(project_id)
        where = _narrowed("t.project_id = $1 AND t.deleted_at IS NULL", window, query, parameters)
        return await self._page(
            f"SELECT * FROM tasks t WHERE {where} ORDER BY {order(query.sort)} LIMIT {window.first + 1}",  # noqa: S608
            order(query.sort),
            window,
            parameters,
        )

    async def of_workspace(self, workspace_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        parameters = Parameters(workspace_id)
        where = _narrowed(_in_workspace(), window, query, parameters)
        return await self._page(
            f"SELECT * FROM tasks t WHERE {where} ORDER BY {order(query.sort)} LIMIT {window.first + 1}",  # noqa: S608
            order(query.sort),
            window,
            parameters,
        )

    async def assigned_to(self, user_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        parameters = Parameters(user_id)
        # The list's own index holds the ids of the user's tasks in order.
        where = _narrowed(_assigned(), window, query, parameters, key="a.task_id")
        found = f"""
        SELECT t.* FROM task_assignees a JOIN tasks t ON t.id = a.task_id JOIN projects p ON p.id = t.project_id
        WHERE {where} ORDER BY {order(query.sort, key="a.task_id")} LIMIT {window.first + 1}
        """  # noqa: S608 - our own words; values are parameters
        return await self._page(found, order(query.sort), window, parameters)

    async def _page(self, found: str, ordered: str, window: Window, parameters: Parameters) -> Page[Task]:
        rows = await self._connection.fetch(
            f"SELECT {COLUMNS} FROM ({found}) t {JOINS} ORDER BY {ordered}",  # noqa: S608 - our own words
            *parameters.values,
        )
        return page(rows, read, window)

    async def count_of_project(self, project_id: UUID, query: TaskQuery) -> Count:
        parameters = Parameters(project_id)
        where = f"t.project_id = $1 AND t.deleted_at IS NULL AND ({condition(query.filter, parameters)})"
        return await self._count(f"tasks t WHERE {where} ORDER BY {order(NEWEST_FIRST.sort)}", parameters)

    async def count_of_workspace(self, workspace_id: UUID, query: TaskQuery) -> Count:
        parameters = Parameters(workspace_id)
        where = f"{_in_workspace()} AND ({condition(query.filter, parameters)})"
        return await self._count(f"tasks t WHERE {where} ORDER BY {order(NEWEST_FIRST.sort)}", parameters)

    async def count_assigned_to(self, user_id: UUID, query: TaskQuery) -> Count:
        parameters = Parameters(user_id)
        where = f"{_assigned()} AND ({condition(query.filter, parameters)})"
        joined = "task_assignees a JOIN tasks t ON t.id = a.task_id JOIN projects p ON p.id = t.project_id"
        return await self._count(f"{joined} WHERE {where}", parameters)

    async def _count(self, counted: str, parameters: Parameters) -> Count:
        number: int = await self._connection.fetchval(
            f"SELECT count(*) FROM (SELECT FROM {counted} LIMIT {MOST_COUNTED + 1}) counted",  # noqa: S608 - our own words
            *parameters.values,
        )
        return Count(value=min(number, MOST_COUNTED), exact=number <= MOST_COUNTED)

    async def search(
        self, workspace_id: UUID, words: str, window: Window, *, project_id: UUID | None = None
    ) -> Page[Ranked]:
        place = f"'w:{workspace_id.hex}'" if project_id is None else f"'w:{workspace_id.hex}' & 'p:{project_id.hex}'"
        rows = await self._connection.fetch(
            _SEARCH, words, place, workspace_id, window.at, window.after, window.first + 1
        )
        return page(rows, lambda row: Ranked(read(row), row["rank"]), window)


def _in_workspace() -> str:
    return f"t.workspace_id = $1 AND t.deleted_at IS NULL AND {_OPEN_PROJECT.format('$1')}"


def _assigned() -> str:
    return "a.user_id = $1 AND t.deleted_at IS NULL AND p.deleted_at IS NULL AND p.archived_at IS NULL"


def _narrowed(scope: str, window: Window, query: TaskQuery, parameters: Parameters, *, key: str = "t.id") -> str:
    where = f"{scope} AND ({condition(query.filter, parameters)})"
    if window.after is not None:
        after: Any = window.after
        where += f" AND {behind(query.sort, window.at, after, parameters, key=key)}"
    return where
