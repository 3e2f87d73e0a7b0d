"""Owns the way from task events to workflows: starts the clock of a task that needs one, signals the one that runs.

It has no database, so it decides nothing: a repeated or late event is a signal that the workflow ignores by its
version, or starts a clock that asks the task's owner and ends. While Temporal is away offsets stay uncommitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from kit.kafka import Envelope, Handler
from kit.telemetry import traceparent
from proto.events import TaskCreated, TaskStatusUpdated, TaskUpdated
from workflows.outages import RPC_TIMEOUT, temporal_outages
from workflows.sla.ids import CHANGED, TASK_QUEUE, workflow_id
from workflows.sla.state import is_watched
from workflows.sla.types import SlaStart, TaskChange
from workflows.sla.workflow import TaskSlaWorkflow

TaskEvent: TypeAlias = type[TaskCreated] | type[TaskUpdated] | type[TaskStatusUpdated]

GROUP = "worker"
_MOVES_THE_CLOCK = frozenset({"dueAt", "deletedAt", "status", "statusCategory"})


class SlaFeeder:
    """Feeds one Temporal namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client

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
        )
        start = SlaStart(task_id=str(task.id), workspace_id=str(task.workspace_id))
        with temporal_outages():
            if is_watched(change):
                await self._start_or_signal(start, change)
            else:
                await self._signal(start, change)

    async def _start_or_signal(self, start: SlaStart, change: TaskChange) -> None:
        await self._client.start_workflow(
            TaskSlaWorkflow.run,
            start,
            id=workflow_id(start.workspace_id, start.task_id),
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=CHANGED,
            start_signal_args=[change],
            rpc_timeout=RPC_TIMEOUT,
        )

    async def _signal(self, start: SlaStart, change: TaskChange) -> None:
        running = self._client.get_workflow_handle(workflow_id(start.workspace_id, start.task_id))
        try:
            await running.signal(CHANGED, change, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # No clock runs. One that an older event starts later asks the owner first.


def _matters(payload: TaskCreated | TaskUpdated | TaskStatusUpdated) -> bool:
    """Whether the event can move a clock; most edits of a task cannot."""
    if isinstance(payload, TaskUpdated) and payload.changed:
        return not _MOVES_THE_CLOCK.isdisjoint(payload.changed)
    return payload.task.due_at is not None
