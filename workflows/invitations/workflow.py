"""Owns the life of an invitation: sleeps until its reminder and until its end, and asks the owner to do each.

It decides nothing: an invitation that was answered or revoked meanwhile is told so by the owner and its workflow ends.
Sending again begins another round, whose signal may come twice, late or in any order; the latest round counts.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.invitations.activities import InvitationActivities
    from workflows.invitations.ids import SENT
    from workflows.invitations.types import InvitationStart, Sending, Standing
    from workflows.timers import DeadlineTimer

# Never given up: a reminder and an end wait for whatever is away.
_PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=30)
)
_ATTEMPT = timedelta(seconds=15)


@workflow.defn(name="Invitation")
class InvitationWorkflow:
    """The clock of one invitation."""

    @workflow.init
    def __init__(self, start: InvitationStart) -> None:
        self._start = start
        self._latest: Sending | None = None
        self._reminded = 0
        self._timer = DeadlineTimer()

    @workflow.signal(name=SENT)
    def invitation_sent(self, sending: Sending) -> None:
        """The invitation was sent, or sent again."""
        if self._latest is None or sending.round > self._latest.round:
            self._latest = sending
            self._timer.changed()

    @workflow.query(name="latest")
    def latest(self) -> Sending | None:
        """For people and tests who want to know what the clock thinks."""
        return self._latest

    @workflow.run
    async def run(self, start: InvitationStart) -> None:
        await workflow.wait_condition(lambda: self._latest is not None)
        while (sending := self._latest) is not None:
            reminding = self._reminded < sending.round
            if not await self._timer.reached(sending.remind_at if reminding else sending.expires_at):
                continue
            step = InvitationActivities.remind if reminding else InvitationActivities.expire
            standing: Standing = await workflow.execute_activity_method(
                step,
                args=[start.invitation_id, sending.round],
                start_to_close_timeout=_ATTEMPT,
                retry_policy=_PATIENT,
            )
            self._reminded = sending.round
            if standing.open:
                self.invitation_sent(standing.current)
            elif self._latest == sending:
                return
