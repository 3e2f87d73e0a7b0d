"""Owns the way from task events to workflows: starts the clock of a task that needs one, signals the one that runs.

It has no database, so it decides nothing: a repeated or late event is a signal that the workflow ignores by its
version, or starts a clock that asks the task's owner and ends. While Temporal is away offsets stay uncommitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from temporalio.client import Client

from kit.kafka import Envelope, Handler
from kit.telemetry import traceparent
from proto.events import TaskCreated, TaskStatusUpdated, TaskUpdated
from workflows.sla.clocks import TemporalClocks
from workflows.sla.types import SlaStart, TaskChange

TaskEvent: TypeAlias = type[TaskCreated] | type[TaskUpdated] | type[TaskStatusUpdated]

GROUP = "worker"
_MOVES_THE_CLOCK = frozenset({"dueAt", "deletedAt", "status", "statusCategory"})


class SlaFeeder:
    """Feeds one Temporal namespace."""

    def __init__(self, client: Client) -> None:
        self._clocks = TemporalClocks(client)

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each topic."""
        return {kind.TOPIC: self._handler(kind) for kind in (TaskCreated, TaskUpdated, TaskStatusUpdated)}

    def _handler(self, kind: TaskEvent) -> Handler:
        async def handle(event: Envelope) -> None:
            await self.feed(event.payload(kind), event)

        return handle

    async def feed(self, payload: TaskCreated | TaskUpdated | TaskStatusUpdated, event: Envelope) -> None:
        """Raises `DomainError` UNAVAILABLE while Temporal is away."""
        task = payload.task
        if not _matters(payload):
            return
        change = TaskChange(
            version=task.version,
            due_at=task.due_at,
            open=task.status_category.is_open,
            deleted=task.deleted_at is not None,
            known_at=event.time,
            traceparent=traceparent(),
            policy=task.sla_policy,
        )
        start = SlaStart(task_id=str(task.id), workspace_id=str(task.workspace_id))
        await self._clocks.tell(start, change)


def _matters(payload: TaskCreated | TaskUpdated | TaskStatusUpdated) -> bool:
    """Whether the event can move a clock; most edits of a task cannot."""
    if isinstance(payload, TaskUpdated) and payload.changed:
        return not _MOVES_THE_CLOCK.isdisjoint(payload.changed)
    return payload.task.due_at is not None
