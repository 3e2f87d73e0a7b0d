"""Serves `taskflow.task.v1.TaskService`. Invariant: only a worker speaks here, in the one workspace that it names."""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import DomainError
from kit.idempotency import KEPT_FOR_SERVICES, KeyUse, checked_key
from kit.ids import parse_id
from kit.rpc import current_caller
from proto.permissions import TABLE, Role
from proto.task.v1.task_pb2 import CreateTaskRequest, CreateTaskResponse, GetTaskClockRequest, TaskClock
from proto.task.v1.task_pb2_grpc import TaskServiceServicer
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.tasks import Priority, Task, TaskDraft
from subgraphs.task.errors import invalid
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.tasks import Tasks

_SERVICES = frozenset({"worker"})


class TaskServicer(TaskServiceServicer):
    """What durable workflows may ask."""

    def __init__(self, tasks: Tasks, memberships: Memberships) -> None:
        self._tasks = tasks
        self._memberships = memberships

    async def CreateTask(  # noqa: N802 - named by the contract
        self, request: CreateTaskRequest, context: grpc.aio.ServicerContext[CreateTaskRequest, CreateTaskResponse]
    ) -> CreateTaskResponse:
        service = _service()
        workspace_id = _id("workspaceId", request.workspace_id)
        draft = TaskDraft(
            project_id=_id("projectId", request.project_id),
            title=request.title,
            description=request.description,
            priority=_priority(request.priority),
            assignee_ids=tuple(_id("assigneeIds", text) for text in request.assignee_ids),
            due_at=_time(request.due_at) if request.HasField("due_at") else None,
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
        caller = Caller(user_id=_id("reporterId", request.reporter_id), rights=rights, use=use)
        task = await self._tasks.create(Viewer(caller, self._memberships, fixed=True), draft)
        return CreateTaskResponse(task_id=str(task.id), key=task.key, version=task.version)

    async def GetTaskClock(  # noqa: N802 - named by the contract
        self, request: GetTaskClockRequest, context: grpc.aio.ServicerContext[GetTaskClockRequest, TaskClock]
    ) -> TaskClock:
        _service()
        task = await self._tasks.clock_of(_id("workspaceId", request.workspace_id), _id("taskId", request.task_id))
        return _clock(task)


def _service() -> str:
    caller = current_caller()
    if caller.actor is not None or caller.service not in _SERVICES:
        raise DomainError.of("FORBIDDEN", "Only workers may call this.")
    return caller.service


def _id(field: str, text: str) -> UUID:
    value = parse_id(text)
    if value is None:
        raise invalid(field, f"{field} is not an id")
    return value


def _priority(name: str) -> Priority:
    try:
        return Priority(name or Priority.NONE)
    except ValueError:
        raise invalid("priority", f"priority is one of {', '.join(Priority)}") from None


def _time(timestamp: Timestamp) -> datetime:
    try:
        return timestamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid("dueAt", "dueAt is out of range") from None


def _clock(task: Task) -> TaskClock:
    clock = TaskClock(
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
    return clock
