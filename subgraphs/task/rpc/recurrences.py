"""What the workflows of recurrences ask. Invariant: an occurrence is asked for by its own key, so by no other's."""

from proto.task.v1.task_pb2 import CreateTaskRequest, CreateTaskResponse, RecurrencePlan, SettleRecurrenceRequest
from subgraphs.task.domain.recurrences import occurrence_key
from subgraphs.task.errors import invalid
from subgraphs.task.rpc.arguments import read_id, read_time, stamp
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.tasks import Tasks


async def settle(recurrences: Recurrences, request: SettleRecurrenceRequest) -> RecurrencePlan:
    """What a series wants of its workflow."""
    plan = await recurrences.settle(
        read_id("workspaceId", request.workspace_id), read_id("seriesId", request.series_id)
    )
    return RecurrencePlan(
        version=plan.series.version,
        state=plan.series.state,
        due=[stamp(instant) for instant in plan.due],
        more=plan.more,
        next=[stamp(instant) for instant in plan.next],
    )


async def create_occurrence(recurrences: Recurrences, tasks: Tasks, request: CreateTaskRequest) -> CreateTaskResponse:
    """The task of an occurrence, or why there is none."""
    workspace_id = read_id("workspaceId", request.workspace_id)
    series_id = read_id("seriesId", request.occurrence.series_id)
    scheduled_at = read_time("scheduledAt", request.occurrence.scheduled_at)
    if request.idempotency_key != occurrence_key(series_id, scheduled_at):
        raise invalid("idempotencyKey", "The key of an occurrence is made of its series and instant")
    occurrence = await recurrences.create_task(workspace_id, series_id, scheduled_at)
    answer = CreateTaskResponse(outcome=occurrence.outcome)
    if occurrence.task_id is not None:
        task = await tasks.clock_of(workspace_id, occurrence.task_id)
        answer.MergeFrom(CreateTaskResponse(task_id=str(task.id), key=task.key, version=task.version))
    return answer
