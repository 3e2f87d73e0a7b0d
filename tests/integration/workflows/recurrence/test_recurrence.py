"""A series on a real Temporal server with instants seconds apart: nothing is lost or doubled, whoever is killed."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.client import Client, ScheduleHandle, ScheduleState
from temporalio.service import RPCError

from kit.errors import DomainError, unavailable
from kit.kafka import Envelope
from proto.events import RecurrenceChanged, RecurrenceRef
from proto.task.v1.task_pb2 import CreateTaskRequest, CreateTaskResponse, RecurrencePlan, SettleRecurrenceRequest
from scripts.engines.run import EngineSet
from tests.testkit.conditions import eventually
from workflows.recurrence.activities import RecurrenceActivities
from workflows.recurrence.alarms import TemporalAlarms
from workflows.recurrence.feeder import RecurrenceFeeder
from workflows.recurrence.ids import occurrence_key, schedule_id
from workflows.recurrence.types import SeriesRef
from workflows.worker import recurrence_worker

PACE = timedelta(seconds=1)


@dataclass
class Owner:
    """Owns one series with an instant each second, as the task service would: decides each once, creates each once."""

    series: SeriesRef
    begun: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    state: str = "ACTIVE"
    last: datetime | None = None
    created: Counter[datetime] = field(default_factory=Counter)
    pending: list[datetime] = field(default_factory=list)
    decided: datetime | None = None
    failures: int = 0

    async def SettleRecurrence(self, request: SettleRecurrenceRequest, /) -> RecurrencePlan:
        if request.series_id != self.series.series_id:
            raise DomainError.of("NOT_FOUND", "no such series")
        now = datetime.now(UTC)
        while (coming := self._coming()) <= now:
            self.decided = coming
            if self.state == "ACTIVE":
                self.pending.append(coming)
        if self.last is not None and self.decided is not None and self.decided >= self.last:
            self.state = "ENDED"
        coming, active = self._coming(), self.state == "ACTIVE"
        return RecurrencePlan(
            version=1,
            state=self.state,
            due=[stamp(one) for one in self.pending],
            next=[stamp(coming + number * PACE) for number in range(3)] if active else [],
        )

    async def CreateTask(self, request: CreateTaskRequest, /) -> CreateTaskResponse:
        instant = request.occurrence.scheduled_at.ToDatetime(tzinfo=UTC)
        assert request.idempotency_key == occurrence_key(self.series, instant)
        if self.failures:
            self.failures -= 1
            raise unavailable("later")
        if instant in self.pending:
            self.pending.remove(instant)
            self.created[instant] += 1
        return CreateTaskResponse(outcome="CREATED")

    def _coming(self) -> datetime:
        return (self.decided or self.begun) + PACE

    def expected(self, until: datetime) -> list[datetime]:
        return [self.begun + number * PACE for number in range(1, int((until - self.begun) / PACE) + 1)]


def stamp(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message


def changed(series: SeriesRef) -> Envelope:
    payload = RecurrenceChanged(
        recurrence=RecurrenceRef(
            id=UUID(series.series_id),
            workspace_id=UUID(series.workspace_id),
            project_id=uuid4(),
            state="ACTIVE",
            version=1,
        ),
        actor_id=uuid4(),
    )
    return Envelope.of(payload, source="task", subject=series.series_id, tenant=None, time=datetime.now(UTC))


@asynccontextmanager
async def working(client: Client, owner: Owner, queue: str) -> AsyncIterator[TemporalAlarms]:
    alarms = TemporalAlarms(client, queue)
    async with recurrence_worker(client, RecurrenceActivities(owner, alarms), queue):
        yield alarms


def a_series() -> SeriesRef:
    return SeriesRef(workspace_id=str(uuid4()), series_id=str(uuid4()))


async def tell(alarms: TemporalAlarms, series: SeriesRef) -> None:
    event = changed(series)
    await RecurrenceFeeder(alarms).handlers()[event.type](event)


def check(owner: Owner) -> None:
    """Every instant was created once, and up to the last one none is missing."""
    assert set(owner.created.values()) == {1}
    assert sorted(owner.created) == owner.expected(max(owner.created))


async def shows(handle: ScheduleHandle, wanted: Callable[[ScheduleState | None], bool]) -> None:
    """Returns once the Schedule is as wanted; None where there is none."""
    async with asyncio.timeout(30):
        while True:
            try:
                state = (await handle.describe()).schedule.state
            except RPCError:
                state = None
            if wanted(state):
                return
            await asyncio.sleep(0.05)


async def test_a_series_runs_pauses_goes_on_and_ends(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    owner = Owner(a_series())
    owner.failures = 2
    handle = client.get_schedule_handle(schedule_id(owner.series))
    async with working(client, owner, f"r-{secrets.token_hex(4)}") as alarms:
        await tell(alarms, owner.series)
        await tell(alarms, owner.series)
        await eventually(lambda: len(owner.created) >= 3, within_seconds=30)
        check(owner)
        await shows(handle, lambda state: state is not None and "fed with 3 instants" in (state.note or ""))
        owner.state = "PAUSED"
        await tell(alarms, owner.series)
        await shows(handle, lambda state: state is not None and state.paused)
        owner.state, owner.last = "ACTIVE", datetime.now(UTC) + timedelta(seconds=1)
        await tell(alarms, owner.series)
        await eventually(lambda: owner.state == "ENDED" and not owner.pending, within_seconds=30)
        await shows(handle, lambda state: state is None)
    assert set(owner.created.values()) == {1}


async def test_a_series_that_never_was_ends_at_once(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    owner = Owner(a_series())
    async with working(client, owner, f"r-{secrets.token_hex(4)}") as alarms:
        stranger = a_series()
        await tell(alarms, stranger)
        handle = client.get_workflow_handle(f"recurrence/{stranger.workspace_id}/{stranger.series_id}")
        await asyncio.wait_for(handle.result(), 20)


async def test_an_outage_of_the_worker_and_of_temporal_loses_and_doubles_nothing(private_engines: EngineSet) -> None:
    server = private_engines.server("temporal")
    await asyncio.to_thread(server.start)
    address = private_engines.environment("temporal")["TASKFLOW_TEMPORAL_ADDRESS"]
    owner, queue = Owner(a_series()), f"r-{secrets.token_hex(4)}"
    async with working(await Client.connect(address), owner, queue) as alarms:
        await tell(alarms, owner.series)
        await eventually(lambda: len(owner.created) >= 2, within_seconds=30)
    server.kill()
    seen = len(owner.created)
    await eventually(lambda: datetime.now(UTC) > max(owner.created) + 5 * PACE, within_seconds=30)
    await asyncio.to_thread(server.restart)
    # Nobody tells the series anything: its alarms, missed meanwhile, are enough.
    async with working(await Client.connect(address), owner, queue):
        await eventually(lambda: len(owner.created) >= seen + 6, within_seconds=50)
    check(owner)
