"""Queries and mutations of tasks, and the live field of a project's changes."""

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from kit.graphql.live import fed_by_gateway, live
from subgraphs.task.domain.tasks import TaskDraft, TaskPatch
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.schema.arguments import Info, acting, read_id, read_ids, required, sent
from subgraphs.task.schema.enums import Priority
from subgraphs.task.schema.fields import field, mutation, subscription
from subgraphs.task.schema.types import Task, User, load_task
from subgraphs.task.service.boards import Move
from subgraphs.task.service.bulk import BulkItem, BulkResult


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
    start_at: datetime | None = strawberry.field(default=None, description="Not behind `dueAt`.")
    estimate: int | None = strawberry.field(default=None, description="Points, 0 to 10,000.")
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="A task of the same project.")
    label_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Labels of the project.")
    blocked_by_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Tasks of the workspace that must be done before."
    )


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
    start_at: datetime | None = strawberry.field(default=strawberry.UNSET, description="Null takes it away.")
    estimate: int | None = strawberry.field(default=strawberry.UNSET, description="Null takes it away.")
    parent_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Null takes it away.")
    label_ids: list[strawberry.ID] | None = strawberry.UNSET
    blocked_by_ids: list[strawberry.ID] | None = strawberry.UNSET
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


@strawberry.input
class TaskMoveInput:
    id: strawberry.ID
    after_id: strawberry.ID | None = strawberry.field(default=None, description="Directly behind this task.")
    before_id: strawberry.ID | None = strawberry.field(
        default=None, description="Directly before this task; with neither, behind all others of the project."
    )
    status: str | None = strawberry.field(default=strawberry.UNSET, description="Into this state as well.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class TaskMovePayload:
    task: Task


@strawberry.input
class TaskWatchInput:
    id: strawberry.ID


@strawberry.type
class TaskWatchPayload:
    task: Task


@strawberry.input
class TaskUnwatchInput:
    id: strawberry.ID


@strawberry.type
class TaskUnwatchPayload:
    task: Task


@strawberry.input
class TaskBulkUpdateInput:
    updates: list[TaskUpdateInput] = strawberry.field(description="1 to 100 tasks, each with its own changes.")
    all_or_nothing: bool = strawberry.field(
        default=False, description="One refusal undoes everything; then only the refusals are told."
    )


@strawberry.type(description="Why one of many changes was refused; as `extensions` of an error of its own would say.")
class ItemError:
    code: str
    kind: str
    message: str
    fields: JSON | None


@strawberry.type(description="What became of one of many tasks: either `task` or `error`.")
class TaskBulkResult:
    id: strawberry.ID
    task: Task | None
    error: ItemError | None


@strawberry.type
class TaskBulkUpdatePayload:
    results: list[TaskBulkResult] = strawberry.field(description="In the order of `updates`.")


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
            start_at=input.start_at,
            estimate=input.estimate,
            parent_id=None if input.parent_id is None else read_id("parentId", input.parent_id),
            label_ids=read_ids("labelIds", input.label_ids),
            blocked_by_ids=read_ids("blockedByIds", input.blocked_by_ids),
        )
        return TaskCreatePayload(task=Task.of(await info.context.services.tasks.create(acting(info), draft)))

    @strawberry.mutation
    async def task_update(self, info: Info, input: TaskUpdateInput) -> TaskUpdatePayload:  # noqa: A002
        item = _item(input)
        task = await info.context.services.tasks.update(
            acting(info), item.task_id, item.patch, expected_version=item.expected_version
        )
        return TaskUpdatePayload(task=Task.of(task))

    @mutation("Changes up to 100 tasks in one transaction; each is done or refused on its own.")
    async def task_bulk_update(self, info: Info, input: TaskBulkUpdateInput) -> TaskBulkUpdatePayload:  # noqa: A002
        items = [_item(update) for update in input.updates]
        bulk = info.context.services.bulk
        results = await bulk.update(acting(info), items, all_or_nothing=input.all_or_nothing)
        return TaskBulkUpdatePayload(results=[_result(result) for result in results])

    @mutation("Puts a task elsewhere on its board, and into another state if one is named.")
    async def task_move(self, info: Info, input: TaskMoveInput) -> TaskMovePayload:  # noqa: A002
        move = Move(
            task_id=read_id("id", input.id),
            after_id=None if input.after_id is None else read_id("afterId", input.after_id),
            before_id=None if input.before_id is None else read_id("beforeId", input.before_id),
            status=required("status", input.status),
        )
        task = await info.context.services.boards.move(acting(info), move, expected_version=input.expected_version)
        return TaskMovePayload(task=Task.of(task))

    @mutation("Hides a task; `taskRestore` brings it back.")
    async def task_delete(self, info: Info, input: TaskDeleteInput) -> TaskDeletePayload:  # noqa: A002
        task = await info.context.services.tasks.delete(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return TaskDeletePayload(task=Task.of(task))

    @strawberry.mutation
    async def task_restore(self, info: Info, input: TaskRestoreInput) -> TaskRestorePayload:  # noqa: A002
        task = await info.context.services.tasks.restore(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return TaskRestorePayload(task=Task.of(task))

    @mutation("You are told of the task's changes from now on.")
    async def task_watch(self, info: Info, input: TaskWatchInput) -> TaskWatchPayload:  # noqa: A002
        task = await info.context.services.tasks.watch(acting(info), read_id("id", input.id), watching=True)
        return TaskWatchPayload(task=Task.of(task))

    @mutation("You are no longer told of the task's changes, unless they concern you otherwise.")
    async def task_unwatch(self, info: Info, input: TaskUnwatchInput) -> TaskUnwatchPayload:  # noqa: A002
        task = await info.context.services.tasks.watch(acting(info), read_id("id", input.id), watching=False)
        return TaskUnwatchPayload(task=Task.of(task))


def _item(update: TaskUpdateInput) -> BulkItem:
    assignee_ids = required("assigneeIds", update.assignee_ids)
    label_ids = required("labelIds", update.label_ids)
    blocked_by_ids = required("blockedByIds", update.blocked_by_ids)
    parent_id = sent(update.parent_id)
    patch = TaskPatch(
        title=required("title", update.title),
        description=required("description", update.description),
        status=required("status", update.status),
        priority=required("priority", update.priority),
        assignee_ids=UNSET if assignee_ids is UNSET else read_ids("assigneeIds", assignee_ids),
        due_at=sent(update.due_at),
        start_at=sent(update.start_at),
        estimate=sent(update.estimate),
        parent_id=parent_id if parent_id is UNSET or parent_id is None else read_id("parentId", parent_id),
        label_ids=UNSET if label_ids is UNSET else read_ids("labelIds", label_ids),
        blocked_by_ids=UNSET if blocked_by_ids is UNSET else read_ids("blockedByIds", blocked_by_ids),
    )
    return BulkItem(task_id=read_id("id", update.id), patch=patch, expected_version=update.expected_version)


def _result(result: BulkResult) -> TaskBulkResult:
    error = result.error
    return TaskBulkResult(
        id=strawberry.ID(str(result.task_id)),
        task=None if result.task is None else Task.of(result.task),
        error=None
        if error is None
        else ItemError(code=error.code, kind=error.kind.value, message=error.message, fields=JSON(error.json_fields())),
    )


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
