"""Rows of series and of their occurrences.

Invariant: an occurrence leaves PENDING once, in the commit of what it became; a series is written under its row's lock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.recurrence_rules import Rule, RuleKind
from subgraphs.task.domain.recurrences import (
    CatchUp,
    Occurrence,
    Outcome,
    Overlap,
    Series,
    SeriesState,
    Template,
)
from subgraphs.task.domain.tasks import Priority
from subgraphs.task.service.ports import Page, Window
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events
from subgraphs.task.store.paging import pages

_COLUMNS = """
id, workspace_id, project_id, rule, template, overlap, catch_up, catch_up_within, state, decided_until, version,
created_by, created_at, updated_at
"""
_ADD = f"""
WITH series AS (
  INSERT INTO recurrences ({_COLUMNS})
  VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $7, $8, $9, $10, $11, $12, $13, $14)
)
{insert_events(15)}
"""  # noqa: S608 - constants
_SAVE = f"""
WITH series AS (
  UPDATE recurrences SET rule = $2::text::jsonb, template = $3::text::jsonb, overlap = $4, catch_up = $5,
    catch_up_within = $6, state = $7, decided_until = $8, version = $9, updated_at = $10
  WHERE id = $1
)
{insert_events(11)}
"""  # noqa: S608 - constants
_FIND = f"SELECT {_COLUMNS} FROM recurrences WHERE id = ANY ($1::uuid[])"  # noqa: S608 - constants
_LOCK = f"SELECT {_COLUMNS} FROM recurrences WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608 - constants
_OF_PROJECTS = f"""
SELECT series.*, series.project_id AS parent
FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT {_COLUMNS} FROM recurrences
  WHERE project_id = wanted.id AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
) series
ORDER BY series.id
"""  # noqa: S608 - constants
_DECIDE = """
INSERT INTO recurrence_occurrences (series_id, workspace_id, project_id, scheduled_at, outcome, decided_at)
SELECT series.id, series.workspace_id, series.project_id, decided.scheduled_at, decided.outcome, $4
FROM recurrences series, unnest($2::timestamptz[], $3::text[]) AS decided (scheduled_at, outcome)
WHERE series.id = $1
ON CONFLICT DO NOTHING
"""
_PENDING = """
SELECT scheduled_at FROM recurrence_occurrences WHERE series_id = $1 AND outcome = 'PENDING'
ORDER BY scheduled_at LIMIT $2
"""
_OCCURRENCE = "SELECT * FROM recurrence_occurrences WHERE series_id = $1 AND scheduled_at = $2"
_CONCLUDE = """
UPDATE recurrence_occurrences SET outcome = $3, task_id = $4, reason = $5, decided_at = $6
WHERE series_id = $1 AND scheduled_at = $2 AND outcome = 'PENDING'
RETURNING true
"""
_PREVIOUS_OPEN = """
SELECT t.deleted_at IS NULL AND t.status_category NOT IN ('COMPLETED', 'CANCELLED')
FROM recurrence_occurrences o JOIN tasks t ON t.id = o.task_id
WHERE o.series_id = $1 AND o.outcome = 'CREATED' ORDER BY o.scheduled_at DESC LIMIT 1
"""
_LATEST = """
SELECT latest.* FROM unnest($1::uuid[]) AS wanted (id), LATERAL (
  SELECT * FROM recurrence_occurrences WHERE series_id = wanted.id ORDER BY scheduled_at DESC LIMIT $2
) latest
"""


class RecurrenceRows:
    """Implements the port `Recurrences`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def add(self, series: Series, event: Announcement) -> None:
        await self._connection.execute(
            _ADD,
            series.id,
            series.workspace_id,
            series.project_id,
            *_changeable(series)[:6],
            series.decided_until,
            series.version,
            series.created_by,
            series.created_at,
            series.updated_at,
            *self._outbox.columns([event]),
        )

    async def save(self, series: Series, events: Sequence[Announcement]) -> None:
        await self._connection.execute(
            _SAVE,
            series.id,
            *_changeable(series),
            series.updated_at,
            *self._outbox.columns(events),
        )

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Series]:
        rows = await self._connection.fetch(_FIND, list(ids))
        return {row["id"]: _series(row) for row in rows}

    async def lock(self, series_id: UUID) -> Series | None:
        row = await self._connection.fetchrow(_LOCK, series_id)
        return None if row is None else _series(row)

    async def of_projects(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Series]]:
        rows = await self._connection.fetch(_OF_PROJECTS, list(ids), window.after, window.first + 1)
        return pages(rows, _series, ids, window)

    async def decide(self, series_id: UUID, occurrences: Sequence[Occurrence], now: datetime) -> None:
        instants = [one.scheduled_at for one in occurrences]
        await self._connection.execute(_DECIDE, series_id, instants, [one.outcome.value for one in occurrences], now)

    async def pending(self, series_id: UUID, limit: int) -> list[datetime]:
        return [row["scheduled_at"] for row in await self._connection.fetch(_PENDING, series_id, limit)]

    async def occurrence(self, series_id: UUID, scheduled_at: datetime) -> Occurrence | None:
        row = await self._connection.fetchrow(_OCCURRENCE, series_id, scheduled_at)
        return None if row is None else _occurrence(row)

    async def conclude(self, occurrence: Occurrence) -> bool:
        concluded = await self._connection.fetchval(
            _CONCLUDE,
            occurrence.series_id,
            occurrence.scheduled_at,
            occurrence.outcome.value,
            occurrence.task_id,
            occurrence.reason,
            occurrence.decided_at,
        )
        return concluded is True

    async def previous_is_open(self, series_id: UUID) -> bool:
        return await self._connection.fetchval(_PREVIOUS_OPEN, series_id) is True

    async def latest(self, ids: Collection[UUID], many: int) -> dict[UUID, list[Occurrence]]:
        found: dict[UUID, list[Occurrence]] = {series_id: [] for series_id in ids}
        for row in await self._connection.fetch(_LATEST, list(ids), many):
            found[row["series_id"]].append(_occurrence(row))
        return {of: sorted(rows, key=lambda one: one.scheduled_at, reverse=True) for of, rows in found.items()}


def _changeable(series: Series) -> tuple[object, ...]:
    return (
        _rule_text(series.rule),
        _template_text(series.template),
        series.overlap.value,
        series.catch_up.value,
        series.catch_up_within,
        series.state.value,
        series.decided_until,
        series.version,
    )


def _rule_text(rule: Rule) -> str:
    held = {
        "kind": rule.kind,
        "text": rule.text,
        "timeZone": rule.time_zone,
        "startsAt": rule.starts_at,
        "endsAt": rule.ends_at,
        "count": rule.count,
        "exceptions": sorted(rule.exceptions),
    }
    return orjson.dumps(held).decode()


def _template_text(template: Template) -> str:
    held = {
        "title": template.title,
        "description": template.description,
        "priority": template.priority,
        "assigneeIds": [str(user_id) for user_id in template.assignee_ids],
        "dueAfter": None if template.due_after is None else int(template.due_after.total_seconds()),
    }
    return orjson.dumps(held).decode()


def _rule(held: dict[str, Any]) -> Rule:
    return Rule(
        kind=RuleKind(held["kind"]),
        text=held["text"],
        time_zone=held["timeZone"],
        starts_at=datetime.fromisoformat(held["startsAt"]),
        ends_at=None if held["endsAt"] is None else datetime.fromisoformat(held["endsAt"]),
        count=held["count"],
        exceptions=frozenset(datetime.fromisoformat(one) for one in held["exceptions"]),
    )


def _template(held: dict[str, Any]) -> Template:
    return Template(
        title=held["title"],
        description=held["description"],
        priority=Priority(held["priority"]),
        assignee_ids=tuple(UUID(user_id) for user_id in held["assigneeIds"]),
        due_after=None if held["dueAfter"] is None else timedelta(seconds=held["dueAfter"]),
    )


def _series(row: asyncpg.Record) -> Series:
    return Series(
        id=row["id"],
        workspace_id=row["workspace_id"],
        project_id=row["project_id"],
        rule=_rule(orjson.loads(row["rule"])),
        template=_template(orjson.loads(row["template"])),
        overlap=Overlap(row["overlap"]),
        catch_up=CatchUp(row["catch_up"]),
        catch_up_within=row["catch_up_within"],
        state=SeriesState(row["state"]),
        decided_until=row["decided_until"],
        version=row["version"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _occurrence(row: asyncpg.Record) -> Occurrence:
    return Occurrence(
        series_id=row["series_id"],
        workspace_id=row["workspace_id"],
        scheduled_at=row["scheduled_at"],
        outcome=Outcome(row["outcome"]),
        decided_at=row["decided_at"],
        task_id=row["task_id"],
        reason=row["reason"],
    )
