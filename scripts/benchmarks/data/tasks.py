"""Lists, searches and counts of tasks: what each costs in a large workspace, by the statements that serve people."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import orjson

from kit.kafka import WakeUp
from proto.permissions import TABLE, Role
from scripts.benchmarks.data.load_tasks import Loaded, load
from scripts.benchmarks.data.measured import Measured, judged
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import ProjectState
from subgraphs.task.domain.queries import (
    NEWEST_FIRST,
    Comparison,
    Every,
    Field,
    Never,
    Operator,
    Some,
    Sort,
    SortField,
    TaskQuery,
)
from subgraphs.task.events.published import encode
from subgraphs.task.service.ports import Window, Work
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.database import Database, PoolOptions, open_pool
from subgraphs.task.store.migrate import migrate
from subgraphs.task.store.outbox import Outbox
from subgraphs.task.store.work import PostgresWork

RUNS = 60
PAGE = Window(first=50)
LARGE = frozenset({"tasks", "task_search", "task_assignees", "task_labels", "comments", "task_activity"})

Operation: TypeAlias = Callable[[Work, Loaded, random.Random, Caller], Awaitable[Any]]
"""One request of a person, about something that the dice choose."""


async def measure(settings: Mapping[str, str], entries: int) -> Sequence[Measured]:
    """Loads a database of its own and measures every operation in it."""
    owner_url = settings["TASKFLOW_POSTGRES_OWNER_URL"]
    name = f"bench_{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        server = await asyncpg.connect(owner_url)
        stack.push_async_callback(server.close)
        await server.execute(f'CREATE DATABASE "{name}"')
        stack.push_async_callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
        owner_url, url = _named(owner_url, name), _named(settings["TASKFLOW_POSTGRES_URL"], name)
        await migrate(owner_url, url)
        owner = await asyncpg.connect(owner_url)
        stack.push_async_callback(owner.close)
        began = time.monotonic()
        loaded = await load(owner, entries)
        print(f"loaded in {time.monotonic() - began:.0f} s")
        pool = await stack.enter_async_context(open_pool(url, PoolOptions(smallest=1, largest=2, statement_seconds=30)))
        database = Database(pool, encode=encode, committed=WakeUp().committed)
        connection = await asyncpg.connect(url, server_settings={"jit": "off"})
        stack.push_async_callback(connection.close)
        return [await _measured(name, run, database, connection, loaded) for name, run in OPERATIONS.items()]


async def _measured(
    name: str, operation: Operation, database: Database, connection: asyncpg.Connection[asyncpg.Record], loaded: Loaded
) -> Measured:
    # The same people and places for every operation: a member who sees the private project, and one who does not.
    dice = random.Random(7)  # noqa: S311
    milliseconds = []
    for _ in range(RUNS):
        caller = Caller(user_id=dice.choice(loaded.people), rights={loaded.workspace_id: TABLE[Role.MEMBER]})
        began = time.perf_counter()
        async with database.read(caller) as work:
            await operation(work, loaded, dice, caller)
        milliseconds.append((time.perf_counter() - began) * 1000)
    caller = Caller(user_id=loaded.people[-1], rights={loaded.workspace_id: TABLE[Role.MEMBER]})
    async with connection.transaction(readonly=True):
        await connection.execute(
            f"SET LOCAL taskflow.workspaces = '{{{loaded.workspace_id}}}';"
            f"SET LOCAL taskflow.confined = '{{{loaded.workspace_id}}}'; SET LOCAL taskflow.viewer = '{caller.user_id}'"
        )
        explaining = _Explaining(connection)
        work = PostgresWork(cast("Connection", explaining), Outbox(encode))
        await operation(work, loaded, random.Random(11), caller)  # noqa: S311
    return judged(name, milliseconds, explaining.plans[-1], LARGE)


class _Explaining:
    """A connection that has every statement explained before it runs it."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection
        self.plans: list[Mapping[str, Any]] = []

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        await self._explain(statement, values)
        return await self._connection.fetch(statement, *values)

    async def fetchval(self, statement: str, *values: object) -> Any:
        await self._explain(statement, values)
        return await self._connection.fetchval(statement, *values)

    async def _explain(self, statement: str, values: Sequence[object]) -> None:
        text = await self._connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)
        self.plans.append(orjson.loads(text)[0]["Plan"])


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _project(query: TaskQuery, window: Window = PAGE) -> Operation:
    return lambda work, loaded, dice, caller: work.lists.of_projects([loaded.projects[0].id], window, query)


def _workspace(query: TaskQuery) -> Operation:
    return lambda work, loaded, dice, caller: work.lists.of_workspace(loaded.workspace_id, PAGE, query)


def _sorted(field: SortField, *, descending: bool = False) -> TaskQuery:
    return TaskQuery(sort=Sort(field, descending))


_OPEN = Comparison(Field.STATUS_CATEGORY, Operator.NIN, ("COMPLETED", "CANCELLED"))
_URGENT_SOON = Every(
    (
        Comparison(Field.PRIORITY, Operator.IN, ("HIGH", "URGENT")),
        Some((Comparison(Field.DUE_AT, Operator.IS_NULL, True), Never(_OPEN))),
    )
)


async def _deep(work: Work, loaded: Loaded, dice: random.Random, caller: Caller) -> object:
    window = Window(first=50, after=loaded.tasks[dice.randrange(len(loaded.tasks))])
    return await work.lists.of_workspace(loaded.workspace_id, window, NEWEST_FIRST)


async def _column(work: Work, loaded: Loaded, dice: random.Random, caller: Caller) -> object:
    wanted = Comparison(Field.STATUS_ID, Operator.EQ, dice.choice(loaded.projects[0].statuses))
    query = TaskQuery(wanted, Sort(SortField.POSITION, descending=False))
    return await work.lists.of_projects([loaded.projects[0].id], PAGE, query)


async def _assigned_open(work: Work, loaded: Loaded, dice: random.Random, caller: Caller) -> object:
    wanted = Every((Comparison(Field.ASSIGNEE, Operator.EQ, dice.choice(loaded.people)), _OPEN))
    return await work.lists.of_workspace(loaded.workspace_id, PAGE, TaskQuery(wanted))


async def _labelled(work: Work, loaded: Loaded, dice: random.Random, caller: Caller) -> object:
    wanted = Comparison(Field.LABEL, Operator.IN, tuple(dice.sample(list(loaded.projects[0].labels), 2)))
    return await work.lists.of_projects([loaded.projects[0].id], PAGE, TaskQuery(wanted))


def _mine(query: TaskQuery) -> Operation:
    return lambda work, loaded, dice, caller: work.lists.assigned_to(caller.user_id, PAGE, query)


def _searched(pick: Callable[[Loaded, random.Random], str], *, inside: bool = False) -> Operation:
    def run(work: Work, loaded: Loaded, dice: random.Random, caller: Caller) -> Awaitable[object]:
        project_id = loaded.projects[1].id if inside else None
        return work.lists.search(loaded.workspace_id, pick(loaded, dice), PAGE, project_id=project_id)

    return run


OPERATIONS: Mapping[str, Operation] = {
    "project, newest first": _project(NEWEST_FIRST),
    "project, by change": _project(_sorted(SortField.UPDATED_AT, descending=True)),
    "project, by due date": _project(_sorted(SortField.DUE_AT)),
    "project, by priority": _project(_sorted(SortField.PRIORITY, descending=True)),
    "project, by position": _project(_sorted(SortField.POSITION)),
    "project, a column of its board": _column,
    "project, with one of two labels": _labelled,
    "project, urgent and undated or done": _project(TaskQuery(_URGENT_SOON)),
    "workspace, newest first": _workspace(NEWEST_FIRST),
    "workspace, somewhere in the middle": _deep,
    "workspace, by change": _workspace(_sorted(SortField.UPDATED_AT, descending=True)),
    "workspace, by due date": _workspace(_sorted(SortField.DUE_AT)),
    "workspace, by priority": _workspace(_sorted(SortField.PRIORITY, descending=True)),
    "workspace, by position": _workspace(_sorted(SortField.POSITION)),
    "workspace, open tasks of a person": _assigned_open,
    "own tasks, newest first": _mine(NEWEST_FIRST),
    "own tasks, by due date": _mine(_sorted(SortField.DUE_AT)),
    "count of a project": lambda work, loaded, dice, caller: work.lists.count_of_project(
        loaded.projects[0].id, NEWEST_FIRST
    ),
    "count of open tasks of the workspace": lambda work, loaded, dice, caller: work.lists.count_of_workspace(
        loaded.workspace_id, TaskQuery(_OPEN)
    ),
    "count of own tasks": lambda work, loaded, dice, caller: work.lists.count_assigned_to(caller.user_id, NEWEST_FIRST),
    "search, a rare word": _searched(lambda loaded, dice: loaded.words[-1 - dice.randrange(500)]),
    "search, two words": _searched(lambda loaded, dice: f"{loaded.words[40]} {loaded.words[60 + dice.randrange(90)]}"),
    "search, the commonest word": _searched(lambda loaded, dice: loaded.words[0]),
    "search in a project": _searched(lambda loaded, dice: loaded.words[100 + dice.randrange(100)], inside=True),
    "search, a key": _searched(lambda loaded, dice: f"P0-{dice.randrange(1, 500)}"),
    "projects of the workspace": lambda work, loaded, dice, caller: work.projects.of_workspaces(
        [loaded.workspace_id], PAGE, ProjectState.ACTIVE
    ),
    "a task": lambda work, loaded, dice, caller: work.tasks.find([dice.choice(loaded.tasks)]),
    "comments of 50 tasks": lambda work, loaded, dice, caller: work.comments.of_tasks(
        dice.sample(loaded.tasks, 50), Window(first=10)
    ),
    "history of 50 tasks": lambda work, loaded, dice, caller: work.tasks.activity(
        dice.sample(loaded.tasks, 50), Window(first=10)
    ),
    "subtasks of 50 tasks": lambda work, loaded, dice, caller: work.tasks.subtasks(
        dice.sample(loaded.tasks, 50), Window(first=10)
    ),
}
