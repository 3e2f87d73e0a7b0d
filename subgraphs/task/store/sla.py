"""Rows of SLA policies, alerts and acknowledgements.

Invariant: a version of a policy is written under its project's lock and never changed; an alert is kept once by its id.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson

from proto.permissions import Role
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.projects import StatusCategory
from subgraphs.task.domain.sla import PauseStatus, Policy, Recipient, Step, Terms
from subgraphs.task.domain.sla_clock import Acknowledgement, Alert, HistoryEntry, SlaEventKind
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.sla_ports import ListedClock
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.outbox import Outbox, insert_events

T = TypeVar("T")

_POLICIES = """
SELECT policy.* FROM projects JOIN sla_policies policy ON policy.project_id = projects.id
WHERE projects.id = ANY ($1::uuid[]) AND policy.version = projects.sla_version
"""
_ADD_POLICY = f"""
WITH policy AS (
  INSERT INTO sla_policies (project_id, version, workspace_id, terms, set_by, set_at)
  VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)
), project AS (
  UPDATE projects SET sla_version = $2 WHERE id = $1
)
{insert_events(7)}
"""  # noqa: S608 - constants
_CHANGES = """
SELECT task_id, at, changes FROM task_activity
WHERE task_id = ANY ($1::uuid[]) AND changes ?| ARRAY['status', 'dueAt', 'deletedAt'] ORDER BY version
"""
_ALERTS = "SELECT * FROM sla_alerts WHERE task_id = ANY ($1::uuid[]) ORDER BY at"
_ADD_ALERT = """
INSERT INTO sla_alerts (id, workspace_id, project_id, task_id, kind, due_at, at, late, recipient_ids)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""
_ACKNOWLEDGEMENTS = "SELECT * FROM sla_acknowledgements WHERE task_id = ANY ($1::uuid[])"
_ACKNOWLEDGE = f"""
WITH acknowledgement AS (
  INSERT INTO sla_acknowledgements (task_id, due_at, workspace_id, project_id, user_id, at)
  VALUES ($1, $2, $3, $4, $5, $6)
)
{insert_events(7)}
"""  # noqa: S608 - constants
_RUNNING = """
SELECT t.id, t.version, t.due_at, p.sla_version FROM tasks t JOIN projects p ON p.id = t.project_id
WHERE t.project_id = $1 AND t.deleted_at IS NULL AND t.due_at IS NOT NULL
  AND t.status_category NOT IN ('COMPLETED', 'CANCELLED') AND ($2::uuid IS NULL OR t.id > $2)
ORDER BY t.id LIMIT $3
"""
_ADMINS = "SELECT user_id FROM memberships WHERE workspace_id = $1 AND role = ANY ($2::text[])"


class SlaRows:
    """Implements the port `SlaRows`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    async def policies(self, project_ids: Collection[UUID]) -> dict[UUID, Policy]:
        rows = await self._connection.fetch(_POLICIES, list(project_ids))
        return {row["project_id"]: _policy(row) for row in rows}

    async def add_policy(self, policy: Policy, event: Announcement) -> None:
        values = (policy.project_id, policy.version, policy.workspace_id, write_terms(policy.terms))
        await self._connection.execute(
            _ADD_POLICY, *values, policy.set_by, policy.set_at, *self._outbox.columns([event])
        )

    async def changes(self, task_ids: Collection[UUID]) -> dict[UUID, list[HistoryEntry]]:
        rows = await self._connection.fetch(_CHANGES, list(task_ids))
        found = [(row["task_id"], HistoryEntry(at=row["at"], changes=orjson.loads(row["changes"]))) for row in rows]
        return _by_task(task_ids, found)

    async def alerts(self, task_ids: Collection[UUID]) -> dict[UUID, list[Alert]]:
        rows = await self._connection.fetch(_ALERTS, list(task_ids))
        return _by_task(task_ids, [(row["task_id"], _alert(row)) for row in rows])

    async def add_alert(self, task: Task, alert: Alert) -> None:
        place = (task.workspace_id, task.project.id, task.id)
        told = (alert.kind.value, alert.due_at, alert.at, alert.late, list(alert.recipient_ids))
        await self._connection.execute(_ADD_ALERT, alert.id, *place, *told)

    async def acknowledgements(self, task_ids: Collection[UUID]) -> dict[UUID, list[Acknowledgement]]:
        rows = await self._connection.fetch(_ACKNOWLEDGEMENTS, list(task_ids))
        found = [
            (row["task_id"], Acknowledgement(due_at=row["due_at"], user_id=row["user_id"], at=row["at"]))
            for row in rows
        ]
        return _by_task(task_ids, found)

    async def acknowledge(self, task: Task, acknowledgement: Acknowledgement, event: Announcement) -> None:
        place = (task.id, acknowledgement.due_at, task.workspace_id, task.project.id)
        await self._connection.execute(
            _ACKNOWLEDGE, *place, acknowledgement.user_id, acknowledgement.at, *self._outbox.columns([event])
        )

    async def running(self, project_id: UUID, after: UUID | None, limit: int) -> Sequence[ListedClock]:
        rows = await self._connection.fetch(_RUNNING, project_id, after, limit)
        return [
            ListedClock(task_id=row["id"], version=row["version"], due_at=row["due_at"], policy=row["sla_version"])
            for row in rows
        ]

    async def admins(self, workspace_id: UUID) -> Sequence[UUID]:
        rows = await self._connection.fetch(_ADMINS, workspace_id, [Role.OWNER, Role.ADMIN])
        return [row["user_id"] for row in rows]


def write_terms(terms: Terms) -> str:
    """The terms as they are kept; lengths in seconds."""
    held = {
        "reminders": [_seconds(reminder) for reminder in terms.reminders],
        "ladder": [
            {
                "recipients": step.recipients,
                "userIds": [str(user_id) for user_id in step.user_ids],
                "after": _seconds(step.after),
                "repeatEvery": None if step.repeat_every is None else _seconds(step.repeat_every),
            }
            for step in terms.ladder
        ],
        "pauseCategories": terms.pause_categories,
        "pauseStatuses": [{"id": str(one.id), "name": one.name} for one in terms.pause_statuses],
    }
    return orjson.dumps(held).decode()


def read_terms(text: str) -> Terms:
    """The terms that were kept."""
    held = orjson.loads(text)
    return Terms(
        reminders=tuple(timedelta(seconds=one) for one in held["reminders"]),
        ladder=tuple(_step(one) for one in held["ladder"]),
        pause_categories=tuple(StatusCategory(one) for one in held["pauseCategories"]),
        pause_statuses=tuple(PauseStatus(id=UUID(one["id"]), name=one["name"]) for one in held["pauseStatuses"]),
    )


def _step(held: dict[str, Any]) -> Step:
    every = held["repeatEvery"]
    return Step(
        recipients=tuple(Recipient(one) for one in held["recipients"]),
        user_ids=tuple(UUID(one) for one in held["userIds"]),
        after=timedelta(seconds=held["after"]),
        repeat_every=None if every is None else timedelta(seconds=every),
    )


def _policy(row: asyncpg.Record) -> Policy:
    return Policy(
        project_id=row["project_id"],
        workspace_id=row["workspace_id"],
        version=row["version"],
        terms=read_terms(row["terms"]),
        set_by=row["set_by"],
        set_at=row["set_at"],
    )


def _alert(row: asyncpg.Record) -> Alert:
    return Alert(
        id=row["id"],
        kind=SlaEventKind(row["kind"]),
        due_at=row["due_at"],
        at=row["at"],
        late=row["late"],
        recipient_ids=tuple(row["recipient_ids"]),
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _by_task(task_ids: Collection[UUID], found: Sequence[tuple[UUID, T]]) -> dict[UUID, list[T]]:
    of_task: dict[UUID, list[T]] = {task_id: [] for task_id in task_ids}
    for task_id, one in found:
        of_task[task_id].append(one)
    return of_task
