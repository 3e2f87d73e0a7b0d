"""Queries and mutations of tasks, and the live field of a project's changes."""

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry

from kit.graphql.live import fed_by_gateway, live
from subgraphs.task.domain.tasks import Priority, TaskDraft, TaskPatch
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.schema.arguments import Info, read_id, read_ids, required, sent
from subgraphs.task.schema.fields import field, mutation, subscription
from subgraphs.task.schema.types import Task, User, load_task


@strawberry.type
class TaskQueries:
    @field("A task of one of your workspaces, also a deleted one.")
    async def task(self, info: Info, id: strawberry.ID) -> Task | None:  # noqa: A002 - the API's name
        return Task.of(await load_task(info, read_id("id", id)))


@strawberry.input
class TaskCreateInput:
    project_id: strawberry.ID
    title: str = strawberry.field(description="One line, 1 to 500 characters.")
    description: str = strawberry.field(default="", description="Markdown, at most 100 kB.")
    status: str | None = strawberry.field(default=None, description="A state's name; the default one when absent.")
    priority: Priority = Priority.NONE
    assignee_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Members.")
    due_at: datetime | None = strawberry.field(default=None, description="In the future, with an offset.")


@strawberry.type
class TaskCreatePayload:
    task: Task


@strawberry.input
class TaskUpdateInput:
    id: strawberry.ID
    title: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    status: str | None = strawberry.UNSET
    priority: Priority | None = strawberry.UNSET
    assignee_ids: list[strawberry.ID] | None = strawberry.UNSET
    due_at: datetime | None = strawberry.field(default=strawberry.UNSET, description="Null takes it away.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class TaskUpdatePayload:
    task: Task


@strawberry.input
class TaskDeleteInput:
    id: strawberry.ID
    expected_version: int | None = None


@strawberry.type
class TaskDeletePayload:
    task: Task


@strawberry.input
class TaskRestoreInput:
    id: strawberry.ID
    expected_version: int | None = None


@strawberry.type
class TaskRestorePayload:
    task: Task


@strawberry.type
class TaskMutations:
    @strawberry.mutation
    async def task_create(self, info: Info, input: TaskCreateInput) -> TaskCreatePayload:  # noqa: A002
        draft = TaskDraft(
            project_id=read_id("projectId", input.project_id),
            title=input.title,
            description=input.description,
            status=input.status,
            priority=input.priority,
            assignee_ids=read_ids("assigneeIds", input.assignee_ids),
            due_at=input.due_at,
        )
        task = await info.context.services.tasks.create(info.context.viewer, draft)
        return TaskCreatePayload(task=Task.of(task))

    @strawberry.mutation
    async def task_update(self, info: Info, input: TaskUpdateInput) -> TaskUpdatePayload:  # noqa: A002
        assignee_ids = required("assigneeIds", input.assignee_ids)
        patch = TaskPatch(
            title=required("title", input.title),
            description=required("description", input.description),
            status=required("status", input.status),
            priority=required("priority", input.priority),
            assignee_ids=UNSET if assignee_ids is UNSET else read_ids("assigneeIds", assignee_ids),
            due_at=sent(input.due_at),
        )
        task = await info.context.services.tasks.update(
            info.context.viewer, read_id("id", input.id), patch, expected_version=input.expected_version
        )
        return TaskUpdatePayload(task=Task.of(task))

    @mutation("Hides a task; `taskRestore` brings it back.")
    async def task_delete(self, info: Info, input: TaskDeleteInput) -> TaskDeletePayload:  # noqa: A002
        task = await info.context.services.tasks.delete(
            info.context.viewer, read_id("id", input.id), expected_version=input.expected_version
        )
        return TaskDeletePayload(task=Task.of(task))

    @strawberry.mutation
    async def task_restore(self, info: Info, input: TaskRestoreInput) -> TaskRestorePayload:  # noqa: A002
        task = await info.context.services.tasks.restore(
            info.context.viewer, read_id("id", input.id), expected_version=input.expected_version
        )
        return TaskRestorePayload(task=Task.of(task))


@strawberry.type(description="A change of a task, as it happens.")
class TaskChangeEvent:
    event_id: strawberry.ID = strawberry.field(description="Send it as `after` to go on from here.")
    kind: str = strawberry.field(description="`task.created`, `task.updated` or `task.status.updated`.")
    at: datetime
    task: Task = strawberry.field(description="The task after the change.")
    changed: list[str] = strawberry.field(description="The names of the changed fields.")
    actor: User | None


@strawberry.type
class TaskSubscriptions:
    @subscription(
        "The changes of a project's tasks from now on, or from behind the event `after`.",
        directives=[
            live(
                topic="project:{args.projectId}",
                events=["task.created", "task.updated", "task.status.updated"],
                gate="project(id: $projectId) { id }",
                value={
                    "eventId": "$id",
                    "kind": "$type",
                    "at": "$time",
                    "task": "$data.task",
                    "changed": "$data.changed",
                    "actor": {"id": "$data.actorId"},
                },
            )
        ],
    )
    async def task_changed(
        self, project_id: strawberry.ID, after: strawberry.ID | None = None
    ) -> AsyncIterator[TaskChangeEvent]:
        raise fed_by_gateway()
        yield  # the type of a stream; the gateway answers it from the events
