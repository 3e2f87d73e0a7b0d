"""Owns how a project's new policy reaches its running clocks, and an acknowledgement the one that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from kit.kafka import Envelope, Handler
from proto.events import SlaAcknowledged, SlaPolicyChanged
from workflows.outages import RPC_TIMEOUT, temporal_outages
from workflows.sla.clocks import TemporalClocks
from workflows.sla.ids import TASK_QUEUE, rollout_id
from workflows.sla.rollout import SlaPolicyWorkflow
from workflows.sla.types import PolicyStart, SlaStart


class PolicyFeeder:
    """Feeds one Temporal namespace."""

    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self._client = client
        self._clocks = TemporalClocks(client, task_queue)
        self._task_queue = task_queue

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each topic."""
        return {SlaPolicyChanged.TOPIC: self._changed, SlaAcknowledged.TOPIC: self._acknowledged}

    async def _changed(self, event: Envelope) -> None:
        told = event.payload(SlaPolicyChanged)
        start = PolicyStart(project_id=str(told.project_id), workspace_id=str(told.workspace_id), version=told.version)
        with temporal_outages():
            try:
                await self._client.start_workflow(
                    SlaPolicyWorkflow.run,
                    start,
                    id=rollout_id(start.workspace_id, start.project_id, start.version),
                    task_queue=self._task_queue,
                    rpc_timeout=RPC_TIMEOUT,
                )
            except WorkflowAlreadyStartedError:
                return  # the event came again

    async def _acknowledged(self, event: Envelope) -> None:
        told = event.payload(SlaAcknowledged)
        await self._clocks.acknowledge(SlaStart(task_id=str(told.task_id), workspace_id=str(told.workspace_id)))
