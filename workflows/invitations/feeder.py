"""Owns the way from `user.invited` to the workflow of the invitation: starts it, or tells it that a round began."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from kit.kafka import Envelope, Handler
from proto.events import UserInvited
from workflows.invitations.ids import SENT, TASK_QUEUE, workflow_id
from workflows.invitations.types import InvitationStart, Sending
from workflows.invitations.workflow import InvitationWorkflow
from workflows.outages import RPC_TIMEOUT, temporal_outages


class InvitationFeeder:
    """Feeds one Temporal namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each topic."""
        return {UserInvited.TOPIC: self.invited}

    async def invited(self, event: Envelope) -> None:
        """Raises `DomainError` UNAVAILABLE while Temporal is away."""
        told = event.payload(UserInvited)
        start = InvitationStart(invitation_id=str(told.invitation_id), workspace_id=str(told.workspace_id))
        with temporal_outages():
            await self._client.start_workflow(
                InvitationWorkflow.run,
                start,
                id=workflow_id(start.workspace_id, start.invitation_id),
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=SENT,
                start_signal_args=[Sending(round=told.round, expires_at=told.expires_at)],
                rpc_timeout=RPC_TIMEOUT,
            )
