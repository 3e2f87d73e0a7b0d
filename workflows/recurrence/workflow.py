"""Owns the life of a series between two of its instants: does what is owed, sets the next alarms, ends.

One workflow per series at a time, so nobody else sets its alarms. It is woken by a change of the series, and by the
Schedule; how often does not matter, for the owner decides each instant once.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.recurrence.activities import RecurrenceActivities
    from workflows.recurrence.ids import WAKE
    from workflows.recurrence.types import Due, Feed, Plan, SeriesRef

# Never given up: an occurrence waits for whatever is away.
_PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=10)
)
_ATTEMPT = timedelta(seconds=15)
_MANY_ATTEMPTS = timedelta(minutes=5)
_SILENCE = timedelta(seconds=20)
_LONG_HISTORY = 2_000


@workflow.defn(name="Recurrence")
class RecurrenceWorkflow:
    """Everything that one series owes until now."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """The series changed, or one of its instants has come."""
        self._woken = True

    @workflow.run
    async def run(self, series: SeriesRef) -> None:
        while True:
            self._woken = False
            plan = await self._settle(series)
            if plan.due:
                await self._create(Due(series, plan.due))
            if not plan.more:
                await self._set_alarms(Feed(series, plan))
                if not self._has_more_to_do(plan):
                    return
            if _is_long():
                workflow.continue_as_new(series)

    def _has_more_to_do(self, plan: Plan) -> bool:
        """Whether to look again: woken meanwhile, or an instant passed while its alarm was being set."""
        return self._woken or any(instant <= workflow.now() for instant in plan.next)

    async def _settle(self, series: SeriesRef) -> Plan:
        return await workflow.execute_activity_method(
            RecurrenceActivities.settle_series, series, start_to_close_timeout=_ATTEMPT, retry_policy=_PATIENT
        )

    async def _create(self, due: Due) -> None:
        await workflow.execute_activity_method(
            RecurrenceActivities.create_due,
            due,
            start_to_close_timeout=_MANY_ATTEMPTS,
            heartbeat_timeout=_SILENCE,
            retry_policy=_PATIENT,
        )

    async def _set_alarms(self, feed: Feed) -> None:
        await workflow.execute_activity_method(
            RecurrenceActivities.set_alarms, feed, start_to_close_timeout=_ATTEMPT, retry_policy=_PATIENT
        )


@workflow.defn(name="RecurrenceAlarm")
class RecurrenceAlarmWorkflow:
    """What the Schedule starts: wakes the series."""

    @workflow.run
    async def run(self, series: SeriesRef) -> None:
        await workflow.execute_activity_method(
            RecurrenceActivities.wake_series, series, start_to_close_timeout=_ATTEMPT, retry_policy=_PATIENT
        )


def _is_long() -> bool:
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > _LONG_HISTORY
