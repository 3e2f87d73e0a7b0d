"""Owns how a task's clock is told something: started when the task needs one, signalled when one runs."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows.outages import RPC_TIMEOUT, temporal_outages
from workflows.sla.ids import ACKNOWLEDGED, CHANGED, TASK_QUEUE, workflow_id
from workflows.sla.state import is_watched
from workflows.sla.types import SlaStart, TaskChange
from workflows.sla.workflow import TaskSlaWorkflow


class TemporalClocks:
    """Implements the port `Clocks` on one namespace."""

    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self._client = client
        self._task_queue = task_queue

    async def tell(self, start: SlaStart, change: TaskChange) -> None:
        """Raises `DomainError` UNAVAILABLE while Temporal is away."""
        with temporal_outages():
            if is_watched(change):
                await self._start_or_signal(start, change)
            else:
                await self._signal(start, CHANGED, change)

    async def acknowledge(self, start: SlaStart) -> None:
        """Raises `DomainError` UNAVAILABLE while Temporal is away."""
        with temporal_outages():
            await self._signal(start, ACKNOWLEDGED)

    async def _start_or_signal(self, start: SlaStart, change: TaskChange) -> None:
        await self._client.start_workflow(
            TaskSlaWorkflow.run,
            start,
            id=workflow_id(start.workspace_id, start.task_id),
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=CHANGED,
            start_signal_args=[change],
            rpc_timeout=RPC_TIMEOUT,
        )

    async def _signal(self, start: SlaStart, name: str, *arguments: TaskChange) -> None:
        running = self._client.get_workflow_handle(workflow_id(start.workspace_id, start.task_id))
        try:
            await running.signal(name, args=arguments, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # No clock runs. One that an older event starts later asks the owner first.
