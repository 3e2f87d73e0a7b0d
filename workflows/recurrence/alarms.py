"""Owns a series' Schedule: one explicit calendar entry per next instant, for a Schedule's own rules cannot say all that
an RRULE can.

The server takes a changed Schedule over after it has answered, and skips instants that pass before it does. So a change
is done only when the Schedule shows it; whoever set the alarms then looks at the clock.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows.outages import RPC_TIMEOUT, temporal_outages
from workflows.recurrence.ids import TASK_QUEUE, WAKE, alarm_id, schedule_id, workflow_id
from workflows.recurrence.types import Plan, SeriesRef, SeriesState
from workflows.recurrence.workflow import RecurrenceAlarmWorkflow, RecurrenceWorkflow

_CAUGHT_UP = timedelta(days=365)
_SHOWN_EVERY_SECONDS = 0.05


class TemporalAlarms:
    """Implements the port `Alarms` on one namespace."""

    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self._client = client
        self._task_queue = task_queue

    async def set(self, series: SeriesRef, plan: Plan) -> None:
        schedule = self._schedule(series, plan)
        handle = self._client.get_schedule_handle(schedule_id(series))
        with temporal_outages():
            try:
                await self._client.create_schedule(schedule_id(series), schedule, rpc_timeout=RPC_TIMEOUT)
                return
            except ScheduleAlreadyRunningError:
                pass

            def whole(_: ScheduleUpdateInput) -> ScheduleUpdate:
                return ScheduleUpdate(schedule=schedule)

            await handle.update(whole, rpc_timeout=RPC_TIMEOUT)
            # Bounded by the time of the attempt.
            while (await handle.describe(rpc_timeout=RPC_TIMEOUT)).schedule.state.note != schedule.state.note:  # noqa: ASYNC110
                await asyncio.sleep(_SHOWN_EVERY_SECONDS)

    async def remove(self, series: SeriesRef) -> None:
        with temporal_outages():
            try:
                await self._client.get_schedule_handle(schedule_id(series)).delete(rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    async def wake(self, series: SeriesRef) -> None:
        with temporal_outages():
            await self._client.start_workflow(
                RecurrenceWorkflow.run,
                series,
                id=workflow_id(series),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=WAKE,
                rpc_timeout=RPC_TIMEOUT,
            )

    def _schedule(self, series: SeriesRef, plan: Plan) -> Schedule:
        return Schedule(
            action=ScheduleActionStartWorkflow(
                RecurrenceAlarmWorkflow.run, series, id=alarm_id(series), task_queue=self._task_queue
            ),
            spec=ScheduleSpec(calendars=[_calendar(instant) for instant in plan.next]),
            # One alarm more makes up for any number that could not be given.
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=_CAUGHT_UP),
            state=ScheduleState(note=_note(plan), paused=plan.state is SeriesState.PAUSED),
        )


def _calendar(instant: datetime) -> ScheduleCalendarSpec:
    utc = instant.astimezone(UTC)
    return ScheduleCalendarSpec(
        year=[ScheduleRange(utc.year)],
        month=[ScheduleRange(utc.month)],
        day_of_month=[ScheduleRange(utc.day)],
        hour=[ScheduleRange(utc.hour)],
        minute=[ScheduleRange(utc.minute)],
        second=[ScheduleRange(utc.second)],
    )


def _note(plan: Plan) -> str:
    """Tells one content from another, and people what they look at."""
    instants = ",".join(instant.isoformat() for instant in plan.next)
    digest = hashlib.sha256(f"{plan.state}/{instants}".encode()).hexdigest()[:12]
    return f"version {plan.version}, {plan.state.lower()}, fed with {len(plan.next)} instants ({digest})"
