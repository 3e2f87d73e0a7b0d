"""Owns the roll-out of a policy: one workflow per version, which ends when every running clock was told."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.sla.policy_activities import PolicyActivities
    from workflows.sla.types import PolicyStart


@workflow.defn(name="SlaPolicy")
class SlaPolicyWorkflow:
    """The roll-out of one version of a project's policy."""

    @workflow.run
    async def run(self, start: PolicyStart) -> int:
        return await workflow.execute_activity_method(
            PolicyActivities.tell_clocks,
            start,
            start_to_close_timeout=timedelta(hours=1),
            heartbeat_timeout=timedelta(seconds=60),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
            ),
        )
