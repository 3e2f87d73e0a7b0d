"""Owns the life of a task's clock: sleeps until the next alert, has it given, ends when the task no longer needs it.

Signals may come late, twice and in any order. Before an alert the owner is asked, so a clock that was started by an old
event ends by itself instead of telling anybody anything wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.sla import state as rules
    from workflows.sla.activities import SlaActivities
    from workflows.sla.ids import ACKNOWLEDGED, CHANGED, alert_id
    from workflows.sla.steps import Step
    from workflows.sla.types import AlertRequest, Reading, SlaStart, SlaState, TaskChange
    from workflows.timers import DeadlineTimer

# Never given up: an alert waits for whatever is away.
_PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=10)
)
_ATTEMPT = timedelta(seconds=15)
_FRESH = timedelta(seconds=60)
_LONG_HISTORY = 2_000  # events; the server suggests a new run at about twice as many, replays are felt before


@workflow.defn(name="TaskSla")
class TaskSlaWorkflow:
    """The clock of one task."""

    @workflow.init
    def __init__(self, start: SlaStart) -> None:
        self._start = start
        self._state: SlaState = start.state
        self._timer = DeadlineTimer()

    @workflow.signal(name=CHANGED)
    def task_changed(self, change: TaskChange) -> None:
        """An event says something about the task."""
        self._become(rules.applied(self._state, change))

    @workflow.signal(name=ACKNOWLEDGED)
    def acknowledged(self) -> None:
        """Somebody took over after a breach."""
        self._become(rules.doubted(self._state))

    @workflow.query(name="state")
    def state(self) -> SlaState:
        """For people and tests who want to know what the clock thinks."""
        return self._state

    @workflow.run
    async def run(self, start: SlaStart) -> None:
        await workflow.wait_condition(lambda: self._state.latest is not None)
        await self._doubt_old_news()
        while not rules.ended(self._state):
            if rules.needs_terms(self._state):
                await self._learn()
                continue
            step = rules.next_step(self._state, workflow.now())
            if await self._timer.reached(None if step is None else step.at) and step is not None:
                await self._alert(step)
            if _is_long() and not rules.ended(self._state):
                workflow.continue_as_new(replace(start, state=self._state))

    def _become(self, state: SlaState) -> None:
        if state != self._state:
            self._state = state
            self._timer.changed()

    async def _doubt_old_news(self) -> None:
        """A clock that starts from an event of long ago may have been started by a repetition: the owner knows."""
        latest = self._state.latest
        if latest is not None and workflow.now() - latest.known_at > _FRESH and not self._state.fired:
            current = await workflow.execute_activity_method(
                SlaActivities.read_clock,
                args=[self._start.workspace_id, self._start.task_id, latest.version],
                start_to_close_timeout=_ATTEMPT,
                retry_policy=_PATIENT,
            )
            self._become(rules.corrected(self._state, current))

    async def _learn(self) -> None:
        """Asks the owner what the project's policy means for the task, whose clock it may have stopped or moved."""
        latest, doubts = self._state.latest, self._state.doubts
        if latest is not None:
            reading = await workflow.execute_activity_method(
                SlaActivities.read_terms,
                args=[self._start.workspace_id, self._start.task_id, latest.version, latest.policy],
                start_to_close_timeout=_ATTEMPT,
                retry_policy=_PATIENT,
            )
            self._become(rules.learned(self._state, reading, doubts=doubts, now=workflow.now()))

    async def _alert(self, step: Step) -> None:
        info, latest = workflow.info(), self._state.latest
        if latest is None:
            return
        result = await workflow.execute_activity_method(
            SlaActivities.give_alert,
            AlertRequest(
                alert=step.alert,
                event_id=str(
                    alert_id(info.workflow_id, info.first_execution_run_id, step.alert, step.due_at, step.key)
                ),
                task_id=self._start.task_id,
                workspace_id=self._start.workspace_id,
                version=latest.version,
                due_at=step.due_at,
                scheduled_at=step.at,
                traceparent=latest.traceparent,
                policy=latest.policy,
                breach_at=None if self._state.terms is None else self._state.terms.breach_at,
                rung=step.rung,
            ),
            start_to_close_timeout=_ATTEMPT,
            retry_policy=_PATIENT,
        )
        if result.given:
            self._become(rules.given(self._state, step))
        doubts = self._state.answered  # an alert answers no doubt
        reading = Reading(result.current, result.terms)
        self._become(rules.learned(self._state, reading, doubts=doubts, now=workflow.now()))


def _is_long() -> bool:
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > _LONG_HISTORY
