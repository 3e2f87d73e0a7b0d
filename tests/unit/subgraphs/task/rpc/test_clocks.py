"""What the workflows of recurrences and deadlines ask, over a real channel, with the store in memory."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from kit.ids import new_id
from proto.permissions import Role
from proto.task.v1.task_pb2 import (
    CreateTaskRequest,
    GetTaskClockRequest,
    ListTaskClocksRequest,
    Occurrence,
    SettleRecurrenceRequest,
)
from subgraphs.task.domain.recurrences import Series, SeriesDraft, Template, occurrence_key
from subgraphs.task.domain.sla import Recipient, Step, TermsDraft
from tests.unit.subgraphs.task.recurrence_suite import a_rule
from tests.unit.subgraphs.task.rpc import test_tasks
from tests.unit.subgraphs.task.rpc.test_tasks import speaking_as
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.service.test_tasks import code_of
from tests.unit.subgraphs.task.world import World

world, port = test_tasks.world, test_tasks.port
HOUR = timedelta(hours=1)


async def a_series(world: World) -> Series:
    project = await world.project()
    draft = SeriesDraft(project_id=project.id, rule=a_rule("0 * * * *"), template=Template(title="Water"))
    return await world.services.recurrences.create(world.viewer(), draft)


def occurrence(series: Series, at: datetime = NOW, key: str | None = None) -> CreateTaskRequest:
    scheduled_at = Timestamp()
    scheduled_at.FromDatetime(at)
    return CreateTaskRequest(
        idempotency_key=key or occurrence_key(series.id, at),
        workspace_id=str(series.workspace_id),
        occurrence=Occurrence(series_id=str(series.id), scheduled_at=scheduled_at),
    )


async def test_what_is_due_is_told_and_created_once(world: World, port: int) -> None:
    series = await a_series(world)
    settle = SettleRecurrenceRequest(workspace_id=str(series.workspace_id), series_id=str(series.id))
    async with speaking_as("worker", port) as task:
        plan = await task.SettleRecurrence(settle)
        assert [due.ToDatetime(tzinfo=UTC) for due in plan.due] == [NOW]
        assert (plan.state, plan.version, plan.more) == ("ACTIVE", 1, False)
        assert plan.next[0].ToDatetime(tzinfo=UTC) == NOW + HOUR
        first, again = [await task.CreateTask(occurrence(series)) for _ in range(2)]
        assert first == again
        assert (first.key, first.outcome) == ("ENG-1", "CREATED")
        assert await code_of(task.CreateTask(occurrence(series, key="another"))) == "BAD_INPUT"
        assert await code_of(task.CreateTask(occurrence(series, NOW + HOUR))) == "NOT_FOUND"
    assert len(world.store.state.tasks) == 1


async def test_only_a_worker_asks(world: World, port: int) -> None:
    series = await a_series(world)
    settle = SettleRecurrenceRequest(workspace_id=str(series.workspace_id), series_id=str(series.id))
    listing = ListTaskClocksRequest(workspace_id=str(series.workspace_id), project_id=str(series.project_id))
    async with speaking_as("gateway", port) as task:
        for asked in (task.SettleRecurrence(settle), task.ListTaskClocks(listing)):
            assert await code_of(asked) == "FORBIDDEN"


async def test_a_clock_under_a_policy_carries_its_terms(world: World, port: int) -> None:
    project, admin = await world.project(), world.viewer(role=Role.ADMIN)
    made = await world.task(project, due_at=NOW + HOUR)
    ladder = [Step(recipients=(Recipient.LEAD,), after=HOUR, repeat_every=HOUR)]
    ask = GetTaskClockRequest(task_id=str(made.id), workspace_id=str(made.workspace_id))
    listing = ListTaskClocksRequest(
        workspace_id=str(made.workspace_id), project_id=str(project.id), after_task_id="", limit=5
    )
    async with speaking_as("worker", port) as task:
        assert not (await task.GetTaskClock(ask)).HasField("sla")
        await world.services.sla.set_policy(admin, project.id, TermsDraft(reminders=[2 * HOUR], ladder=ladder))
        terms = (await task.GetTaskClock(ask)).sla
        assert (terms.policy, list(terms.reminder_seconds)) == (1, [7200])
        assert terms.breach_at.ToDatetime(tzinfo=UTC) == NOW + HOUR
        [step] = terms.ladder
        assert (step.after_seconds, step.repeat_seconds) == (3600, 3600)
        assert list(step.recipient_ids) == [str(project.lead_id)]
        [listed] = (await task.ListTaskClocks(listing)).clocks
        assert (listed.task_id, listed.policy) == (str(made.id), 1)
        listing.after_task_id = str(new_id())
        assert list((await task.ListTaskClocks(listing)).clocks) == []
