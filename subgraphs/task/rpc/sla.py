"""What the workflows of deadlines ask. Invariant: a task under the default policy costs no more than its row."""

from proto.task.v1.task_pb2 import ListedClock as ListedClockMessage
from proto.task.v1.task_pb2 import (
    ListTaskClocksRequest,
    ListTaskClocksResponse,
    SlaStep,
    SlaTerms,
)
from proto.task.v1.task_pb2 import TaskClock as TaskClockMessage
from subgraphs.task.rpc.arguments import read_id, stamp
from subgraphs.task.service.sla import Sla, TaskClock


async def list_clocks(sla: Sla, request: ListTaskClocksRequest) -> ListTaskClocksResponse:
    """A page of the running clocks of a project."""
    found = await sla.running(
        read_id("workspaceId", request.workspace_id),
        read_id("projectId", request.project_id),
        read_id("afterTaskId", request.after_task_id) if request.after_task_id else None,
        request.limit,
    )
    return ListTaskClocksResponse(
        clocks=[
            ListedClockMessage(
                task_id=str(one.task_id), version=one.version, due_at=stamp(one.due_at), policy=one.policy
            )
            for one in found
        ]
    )


def clock_message(told: TaskClock) -> TaskClockMessage:
    """The task as its workflow wants it."""
    task = told.task
    clock = TaskClockMessage(
        version=task.version,
        open=task.status.category.open,
        deleted=task.deleted_at is not None or task.project.deleted_at is not None,
        key=task.key,
        title=task.title,
        project_id=str(task.project.id),
        workspace_id=str(task.workspace_id),
        lead_id=str(task.project.lead_id),
        assignee_ids=[str(user_id) for user_id in task.assignee_ids],
    )
    if task.due_at is not None:
        clock.due_at.FromDatetime(task.due_at)
    if told.policy is not None:
        clock.sla.CopyFrom(_terms(told))
    return clock


def _terms(told: TaskClock) -> SlaTerms:
    if told.policy is None:
        return SlaTerms()
    policy, clock = told.policy, told.clock
    message = SlaTerms(
        policy=policy.version,
        reminder_seconds=[int(one.total_seconds()) for one in policy.terms.reminders],
        ladder=[
            SlaStep(
                after_seconds=int(step.after.total_seconds()),
                repeat_seconds=0 if step.repeat_every is None else int(step.repeat_every.total_seconds()),
                recipient_ids=[str(user_id) for user_id in recipients],
            )
            for step, recipients in zip(policy.terms.ladder, told.told, strict=True)
        ],
        paused=clock is not None and clock.paused,
        acknowledged=clock is not None and clock.acknowledged,
    )
    if clock is not None and not clock.paused:
        message.breach_at.CopyFrom(stamp(clock.breach_at))
    return message
