"""Owns what a recurrence does to the world: asks the series' owner, has tasks created, sets alarms.

Every one of these may be repeated: the owner decides an instant once and creates its task once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio import activity

from kit import failpoints
from kit.errors import DomainError, Kind
from proto.task.v1.task_pb2 import CreateTaskRequest, Occurrence, SettleRecurrenceRequest
from workflows.attempts import explained
from workflows.recurrence.ids import occurrence_key
from workflows.recurrence.ports import Alarms, SeriesOwner
from workflows.recurrence.types import Due, Feed, Plan, SeriesRef, SeriesState

_GONE = Plan(version=0, state=SeriesState.ENDED)


class RecurrenceActivities:
    """The activities of the recurrence workflows."""

    def __init__(self, owner: SeriesOwner, alarms: Alarms) -> None:
        self._owner = owner
        self._alarms = alarms

    @activity.defn
    async def settle_series(self, series: SeriesRef) -> Plan:
        """What the series owes now and when it is to be asked again; one that never was has ended."""
        with explained():
            request = SettleRecurrenceRequest(workspace_id=series.workspace_id, series_id=series.series_id)
            try:
                told = await self._owner.SettleRecurrence(request)
            except DomainError as error:
                if error.kind is Kind.NOT_FOUND:
                    return _GONE
                raise
            return Plan(
                version=told.version,
                state=SeriesState(told.state),
                due=tuple(_time(instant) for instant in told.due),
                more=told.more,
                next=tuple(_time(instant) for instant in told.next),
            )

    @activity.defn
    async def create_due(self, due: Due) -> None:
        """Has the tasks of the occurrences created, one after another, for each may depend on the one before."""
        with explained():
            for instant in due.instants:
                await self._owner.CreateTask(
                    CreateTaskRequest(
                        idempotency_key=occurrence_key(due.series, instant),
                        workspace_id=due.series.workspace_id,
                        occurrence=Occurrence(series_id=due.series.series_id, scheduled_at=_stamp(instant)),
                    )
                )
                await failpoints.reach("recurrence.after_create")
                activity.heartbeat()

    @activity.defn
    async def set_alarms(self, feed: Feed) -> None:
        """Makes the Schedule hold exactly the next instants of a series that goes on."""
        with explained():
            if feed.plan.state is SeriesState.ENDED:
                await self._alarms.remove(feed.series)
            else:
                await self._alarms.set(feed.series, feed.plan)

    @activity.defn
    async def wake_series(self, series: SeriesRef) -> None:
        """Starts the workflow of the series, or signals the one that runs."""
        with explained():
            await self._alarms.wake(series)


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _stamp(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp
