"""Serves `taskflow.task.v1.TaskService`. Invariant: only a worker speaks here, in the one workspace that it names."""

from hashlib import sha256

import grpc

from kit.idempotency import KEPT_FOR_SERVICES, KeyUse, checked_key
from proto.permissions import TABLE, Role
from proto.task.v1.task_pb2 import (
    CreateTaskRequest,
    CreateTaskResponse,
    GetTaskClockRequest,
    ListTaskClocksRequest,
    ListTaskClocksResponse,
    RecurrencePlan,
    SettleRecurrenceRequest,
    TaskClock,
)
from proto.task.v1.task_pb2_grpc import TaskServiceServicer
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.tasks import Priority, TaskDraft
from subgraphs.task.errors import invalid
from subgraphs.task.rpc.arguments import read_id, read_service, read_time
from subgraphs.task.rpc.recurrences import create_occurrence, settle
from subgraphs.task.rpc.sla import clock_message, list_clocks
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.sla import Sla
from subgraphs.task.service.tasks import Tasks


class TaskServicer(TaskServiceServicer):
    """What durable workflows may ask."""

    def __init__(self, tasks: Tasks, memberships: Memberships, recurrences: Recurrences, sla: Sla) -> None:
        self._tasks = tasks
        self._recurrences = recurrences
        self._sla = sla
        self._memberships = memberships

    async def CreateTask(  # noqa: N802 - named by the contract
        self, request: CreateTaskRequest, context: grpc.aio.ServicerContext[CreateTaskRequest, CreateTaskResponse]
    ) -> CreateTaskResponse:
        service = read_service()
        if request.HasField("occurrence"):
            return await create_occurrence(self._recurrences, self._tasks, request)
        workspace_id = read_id("workspaceId", request.workspace_id)
        draft = TaskDraft(
            project_id=read_id("projectId", request.project_id),
            title=request.title,
            description=request.description,
            priority=_priority(request.priority),
            assignee_ids=tuple(read_id("assigneeIds", text) for text in request.assignee_ids),
            due_at=read_time("dueAt", request.due_at) if request.HasField("due_at") else None,
        )
        # An empty key is refused like any other malformed one: without a key nothing would be exactly once.
        use = KeyUse(
            owner=f"service:{service}",
            key=checked_key(request.idempotency_key),
            field="CreateTask",
            fingerprint=sha256(request.SerializeToString(deterministic=True)).digest(),
            kept=KEPT_FOR_SERVICES,
        )
        rights = {workspace_id: TABLE[Role.ADMIN]}
        caller = Caller(user_id=read_id("reporterId", request.reporter_id), rights=rights, use=use)
        task = await self._tasks.create(Viewer(caller, self._memberships, fixed=True), draft)
        return CreateTaskResponse(task_id=str(task.id), key=task.key, version=task.version)

    async def GetTaskClock(  # noqa: N802 - named by the contract
        self, request: GetTaskClockRequest, context: grpc.aio.ServicerContext[GetTaskClockRequest, TaskClock]
    ) -> TaskClock:
        read_service()
        told = await self._sla.task_clock(
            read_id("workspaceId", request.workspace_id), read_id("taskId", request.task_id)
        )
        return clock_message(told)

    async def ListTaskClocks(  # noqa: N802 - named by the contract
        self,
        request: ListTaskClocksRequest,
        context: grpc.aio.ServicerContext[ListTaskClocksRequest, ListTaskClocksResponse],
    ) -> ListTaskClocksResponse:
        read_service()
        return await list_clocks(self._sla, request)

    async def SettleRecurrence(  # noqa: N802 - named by the contract
        self,
        request: SettleRecurrenceRequest,
        context: grpc.aio.ServicerContext[SettleRecurrenceRequest, RecurrencePlan],
    ) -> RecurrencePlan:
        read_service()
        return await settle(self._recurrences, request)


def _priority(name: str) -> Priority:
    try:
        return Priority(name or Priority.NONE)
    except ValueError:
        raise invalid("priority", f"priority is one of {', '.join(Priority)}") from None
