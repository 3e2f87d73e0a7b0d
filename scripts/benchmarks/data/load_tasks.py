"""A workspace with many tasks beside another one, written by COPY as the tables' owner."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import asyncpg

from kit.ids import new_id
from subgraphs.task.domain.positions import of_number
from subgraphs.task.domain.projects import DEFAULT_STATES
from subgraphs.task.domain.tasks import Priority

TABLES = (
    "projects",
    "private_projects",
    "project_statuses",
    "labels",
    "tasks",
    "task_assignees",
    "task_labels",
    "comments",
    "task_activity",
)
PEOPLE, LABELS, WORDS = 60, 8, 3_000
_NOW = datetime(2030, 1, 15, tzinfo=UTC)
_SHARES = (0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.01, 0.01)
"""How the tasks are shared out among the projects."""


@dataclass(frozen=True, slots=True)
class Project:
    """What the tasks of a project need."""

    id: UUID
    workspace_id: UUID
    key: str
    statuses: Sequence[UUID]
    labels: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What there is to ask for."""

    workspace_id: UUID
    projects: Sequence[Project]
    people: Sequence[UUID]
    tasks: Sequence[UUID]
    words: Sequence[str]


async def load(owner: asyncpg.Connection[asyncpg.Record], entries: int) -> Loaded:
    """Fills a migrated, empty database: `entries` tasks in one workspace and a fifth as many in another."""
    dice = random.Random(2030)  # noqa: S311 - the same data in every run
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(4, 9))) for _ in range(WORDS)]
    # COPY is not for tables whose policies bind; their owner is free of them for a moment.
    for name in TABLES:
        await owner.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    loaded = await _workspace(owner, dice, entries, words)
    await _workspace(owner, dice, entries // 5, words)
    for name in TABLES:
        await owner.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    await owner.execute("VACUUM ANALYZE")
    return loaded


async def _workspace(
    owner: asyncpg.Connection[asyncpg.Record], dice: random.Random, entries: int, words: Sequence[str]
) -> Loaded:
    workspace_id, people = new_id(), [new_id() for _ in range(PEOPLE)]
    projects = [
        Project(
            new_id(), workspace_id, f"P{number}", [new_id() for _ in DEFAULT_STATES], [new_id() for _ in range(LABELS)]
        )
        for number in range(len(_SHARES))
    ]
    rows = list(_tasks(dice, projects, people, entries, words))
    for name, columns, records in _tables(projects, people, rows, dice):
        await owner.copy_records_to_table(name, columns=columns, records=records)
    return Loaded(workspace_id, projects, people, [row["id"] for row in rows], words)


def _tasks(
    dice: random.Random, projects: Sequence[Project], people: Sequence[UUID], entries: int, words: Sequence[str]
) -> Iterator[dict[str, Any]]:
    often = list(accumulate(1 / (rank + 1) for rank in range(len(words))))  # few words stand in many tasks
    counters = dict.fromkeys(range(len(projects)), 0)
    earlier: dict[int, UUID] = {}
    for index in range(entries):
        number = dice.choices(range(len(projects)), weights=_SHARES)[0]
        project = projects[number]
        counters[number] += 1
        state = dice.choices(range(len(DEFAULT_STATES)), weights=(20, 10, 5, 3, 55, 7))[0]
        at = _NOW - timedelta(minutes=entries - index)
        row: dict[str, Any] = {
            "id": new_id(),
            "workspace_id": project.workspace_id,
            "project_id": project.id,
            "number": counters[number],
            "title": " ".join(dice.choices(words, cum_weights=often, k=6)),
            "description": " ".join(dice.choices(words, cum_weights=often, k=30)),
            "status_id": project.statuses[state],
            "status_category": DEFAULT_STATES[state][1].value,
            "priority": dice.choices(list(Priority), weights=(60, 15, 15, 8, 2))[0].value,
            "assignee_ids": dice.sample(people, k=dice.choices((0, 1, 2), weights=(3, 6, 1))[0]),
            "reporter_id": dice.choice(people),
            "due_at": _NOW + timedelta(hours=dice.randrange(-2_000, 2_000)) if dice.random() < 0.4 else None,
            "parent_id": earlier.get(number) if dice.random() < 0.1 else None,
            "label_ids": dice.sample(project.labels, k=dice.choices((0, 1, 2), weights=(6, 3, 1))[0]),
            "position": of_number(counters[number]),
            "created_at": at,
            "updated_at": at + timedelta(minutes=dice.randrange(50_000)),
        }
        if number not in earlier or dice.random() < 0.02:
            earlier[number] = row["id"]
        yield row


def _tables(
    projects: Sequence[Project], people: Sequence[UUID], rows: Sequence[dict[str, Any]], dice: random.Random
) -> Iterator[tuple[str, Sequence[str], Iterable[tuple[Any, ...]]]]:
    here = projects[0].workspace_id
    counts = [sum(1 for row in rows if row["project_id"] == project.id) for project in projects]
    columns: tuple[str, ...] = (
        "id",
        "workspace_id",
        "key",
        "name",
        "lead_id",
        "task_counter",
        "created_by",
        "created_at",
        "updated_at",
        "visibility",
        "member_ids",
    )
    yield (
        "projects",
        columns,
        [
            (
                one.id,
                here,
                one.key,
                f"Project {one.key}",
                people[0],
                count,
                people[0],
                _NOW,
                _NOW,
                "PRIVATE" if number == 4 else "WORKSPACE",
                people[:20] if number == 4 else [],
            )
            for number, (one, count) in enumerate(zip(projects, counts, strict=True))
        ],
    )
    yield (
        "project_statuses",
        ("id", "workspace_id", "project_id", "name", "category", "position", "is_default"),
        [
            (status_id, here, one.id, name, category.value, place, place == 1)
            for one in projects
            for place, (status_id, (name, category)) in enumerate(zip(one.statuses, DEFAULT_STATES, strict=True))
        ],
    )
    yield (
        "labels",
        ("id", "workspace_id", "project_id", "name", "color"),
        [
            (label_id, here, one.id, f"label {place}", "#1f6feb")
            for one in projects
            for place, label_id in enumerate(one.labels)
        ],
    )
    yield "tasks", tuple(rows[0]), [tuple(row.values()) for row in rows]
    yield (
        "task_assignees",
        ("user_id", "task_id", "workspace_id"),
        [(user_id, row["id"], here) for row in rows for user_id in row["assignee_ids"]],
    )
    yield (
        "task_labels",
        ("label_id", "task_id", "workspace_id"),
        [(label_id, row["id"], here) for row in rows for label_id in row["label_ids"]],
    )
    columns = ("id", "workspace_id", "project_id", "task_id", "author_id", "body", "created_at", "updated_at")
    yield (
        "comments",
        columns,
        [
            (
                new_id(),
                here,
                row["project_id"],
                row["id"],
                dice.choice(people),
                "Said.",
                row["created_at"],
                row["created_at"],
            )
            for row in dice.choices(rows, k=len(rows) // 2)
        ],
    )
    columns = ("id", "workspace_id", "project_id", "task_id", "version", "kind", "actor_id", "changes", "at")
    yield (
        "task_activity",
        columns,
        [
            (new_id(), here, row["project_id"], row["id"], 1, "CREATED", row["reporter_id"], "{}", row["created_at"])
            for row in rows
        ],
    )
