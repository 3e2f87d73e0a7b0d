"""The object types. They refer to each other in circles, so they stand in one module.

Invariant: a type is made only from an entity that the caller was allowed to load; what costs a query goes through the
request's loaders, everything else is already there. Fields that other services complete are nullable, so that an outage
of one of them leaves the rest of an answer standing.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from kit.graphql import Connection, PageInfo, encode_cursor
from subgraphs.task.domain import comments as domain_comments
from subgraphs.task.domain import labels as domain_labels
from subgraphs.task.domain import projects as domain_projects
from subgraphs.task.domain import tasks as domain_tasks
from subgraphs.task.domain.queries import TaskQuery
from subgraphs.task.domain.sla import Policy
from subgraphs.task.errors import not_found, not_self
from subgraphs.task.schema.arguments import AFTER, FIRST, Info, read_id
from subgraphs.task.schema.enums import ChangeKind, Priority, ProjectState, StatusCategory, Visibility
from subgraphs.task.schema.fields import field
from subgraphs.task.schema.filters import TaskFilter, TaskSort, query_of
from subgraphs.task.schema.paging import found_cursor, found_page_of, list_of, page_of, task_cursor, task_page_of
from subgraphs.task.schema.recurrence_types import Recurrence
from subgraphs.task.schema.sla_types import SlaPolicy, TaskSla
from subgraphs.task.service import ports
from subgraphs.task.service.ports import Activity, Page

First: TypeAlias = Annotated[int | None, FIRST]
After: TypeAlias = Annotated[str | None, AFTER]


@strawberry.federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @field("The tasks assigned to you in active projects, newest first; other people's are theirs alone.")
    async def assigned_tasks(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        filter: TaskFilter | None = None,  # noqa: A002 - the API's name
        sort: TaskSort | None = None,
    ) -> "TaskConnection | None":
        request = info.context
        if self.id != str(request.viewer.caller.user_id):
            raise not_self()
        query = query_of(filter, sort)
        window = task_page_of(query.sort, first, after)
        page = await request.services.lists.assigned_to_self(request.viewer, window, query)
        lists = request.services.lists
        return TaskConnection.of(page, query, after, lambda: lists.count_assigned_to_self(request.viewer, query))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "User":  # noqa: A002 - named by the key
        return cls(id=id)


@strawberry.federation.type(keys=["id"])
class Workspace:
    id: strawberry.ID

    @field("The projects of the workspace, oldest first; active ones unless another state is named.")
    async def projects(
        self, info: Info, first: First = None, after: After = None, state: ProjectState = ProjectState.ACTIVE
    ) -> "Connection[Project] | None":
        window = page_of("projects", first, after)
        page = await info.context.projects_of_workspace(state).load((read_id("id", self.id), window))
        if page is None:
            raise not_found("workspace")
        return list_of("projects", page, Project.of, after)

    @field("The tasks of its active projects that you see, newest first.")
    async def tasks(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        filter: TaskFilter | None = None,  # noqa: A002 - the API's name
        sort: TaskSort | None = None,
    ) -> "TaskConnection | None":
        query, workspace_id = query_of(filter, sort), read_id("id", self.id)
        request, lists = info.context, info.context.services.lists
        page = await lists.of_workspace(request.viewer, workspace_id, task_page_of(query.sort, first, after), query)
        if page is None:
            raise not_found("workspace")
        return TaskConnection.of(
            page, query, after, lambda: lists.count_of_workspace(request.viewer, workspace_id, query)
        )

    @field("Tasks of its active projects that hold the words, best first; `or`, `-without` and quotes count.")
    async def search_tasks(
        self,
        info: Info,
        query: str,
        first: First = None,
        after: After = None,
        project_id: strawberry.ID | None = None,
    ) -> "TaskConnection | None":
        found = await info.context.services.lists.search(
            info.context.viewer,
            read_id("id", self.id),
            query,
            found_page_of(first, after),
            project_id=None if project_id is None else read_id("projectId", project_id),
        )
        if found is None:
            raise not_found("workspace")
        edges = [TaskEdge(cursor=found_cursor(one), node=Task.of(one.task)) for one in found.items]
        return TaskConnection.of_edges(edges, found.has_next, after)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Workspace":  # noqa: A002 - named by the key
        return cls(id=id)


@strawberry.type(description="A state of a project's workflow.")
class ProjectStatus:
    id: strawberry.ID
    name: str
    category: StatusCategory
    is_default: bool = strawberry.field(description="Whether new tasks begin here.")


@strawberry.type(description="A word with a colour that tasks of one project may carry.")
class Label:
    id: strawberry.ID
    name: str
    color: str = strawberry.field(description="Such as #1f6feb.")
    version: int = strawberry.field(description="Counts up with every change; send it as `expectedVersion`.")

    @classmethod
    def of(cls, label: domain_labels.Label) -> "Label":
        return cls(id=strawberry.ID(str(label.id)), name=label.name, color=label.color, version=label.version)


@strawberry.federation.type(keys=["id"], description="A project: a key, a workflow and tasks.")
class Project:
    id: strawberry.ID
    key: str = strawberry.field(description="What the keys of its tasks begin with, such as ENG.")
    name: str
    ref: strawberry.Private[domain_projects.ProjectRef]
    whole: strawberry.Private[domain_projects.Project | None] = None

    @classmethod
    def of(cls, project: domain_projects.Project) -> "Project":
        return cls.of_ref(domain_projects.reference(project), project)

    @classmethod
    def of_ref(cls, ref: domain_projects.ProjectRef, whole: domain_projects.Project | None = None) -> "Project":
        """The part that a task carries; the rest is loaded when it is asked for."""
        return cls(id=strawberry.ID(str(ref.id)), key=ref.key, name=ref.name, ref=ref, whole=whole)

    @strawberry.field
    async def description(self, info: Info) -> str:
        return (await self._loaded(info)).description

    @strawberry.field
    async def workspace(self, info: Info) -> Workspace | None:
        return _workspace((await self._loaded(info)).workspace_id)

    @field("Who answers for the project.")
    def lead(self) -> User | None:
        return _user(self.ref.lead_id)

    @field("The states of its workflow, in order.")
    async def statuses(self, info: Info) -> list[ProjectStatus]:
        project = await self._loaded(info)
        return [
            ProjectStatus(
                id=strawberry.ID(str(status.id)),
                name=status.name,
                category=status.category,
                is_default=status.id == project.default_status_id,
            )
            for status in project.statuses
        ]

    @field("Its labels, by name.")
    async def labels(self, info: Info) -> list[Label]:
        return [Label.of(label) for label in await info.context.labels_of_project.load(self.ref.id) or ()]

    @field("Its tasks without the deleted ones, newest first.")
    async def tasks(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        filter: TaskFilter | None = None,  # noqa: A002 - the API's name
        sort: TaskSort | None = None,
    ) -> "TaskConnection | None":
        query, request = query_of(filter, sort), info.context
        window = task_page_of(query.sort, first, after)
        page = await request.tasks_of_project(query).load((self.ref.id, window))
        if page is None:
            return None
        lists, project_id = request.services.lists, self.ref.id
        return TaskConnection.of(page, query, after, lambda: lists.count_of_project(request.viewer, project_id, query))

    @field("Who sees it.")
    async def visibility(self, info: Info) -> Visibility:
        return (await self._loaded(info)).visibility

    @field("Whether it is active, archived or deleted.")
    async def state(self, info: Info) -> ProjectState:
        return (await self._loaded(info)).state

    @field("Its own people; they matter when it is private.")
    async def members(self, info: Info) -> list[User]:
        return [_user(user_id) for user_id in (await self._loaded(info)).member_ids]

    @strawberry.field
    async def archived_at(self, info: Info) -> datetime | None:
        return (await self._loaded(info)).archived_at

    @strawberry.field
    async def deleted_at(self, info: Info) -> datetime | None:
        return (await self._loaded(info)).deleted_at

    @field("When people are reminded and told about breached deadlines.")
    async def sla_policy(self, info: Info) -> SlaPolicy:
        return SlaPolicy.of(await load_policy(info, self.ref.id))

    @field("Its recurring tasks, oldest first.")
    async def recurrences(
        self, info: Info, first: First = None, after: After = None
    ) -> "Connection[Recurrence] | None":
        page = await info.context.recurrences_of_project.load((self.ref.id, page_of("recurrences", first, after)))
        return None if page is None else list_of("recurrences", page, Recurrence.of, after)

    @strawberry.field
    async def version(self, info: Info) -> int:
        return (await self._loaded(info)).version

    @strawberry.field
    async def created_at(self, info: Info) -> datetime:
        return (await self._loaded(info)).created_at

    @strawberry.field
    async def updated_at(self, info: Info) -> datetime:
        return (await self._loaded(info)).updated_at

    async def _loaded(self, info: Info) -> domain_projects.Project:
        if self.whole is None:
            self.whole = await load_project(info, self.ref.id)
        return self.whole

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Project":  # noqa: A002 - named by the key
        return cls.of(await load_project(info, read_id("id", id)))


@strawberry.federation.type(keys=["id"], description="Something to be done.")
class Task:
    id: strawberry.ID
    key: str = strawberry.field(description="The name that people use, such as ENG-42.")
    number: int
    title: str
    description: str
    status: str = strawberry.field(description="The name of its state in the project's workflow.")
    status_category: StatusCategory
    priority: Priority
    workspace_id: strawberry.ID
    project_id: strawberry.ID
    assignee_ids: list[strawberry.ID]
    reporter_id: strawberry.ID
    due_at: datetime | None
    start_at: datetime | None
    estimate: int | None = strawberry.field(description="Points.")
    position: str = strawberry.field(description="Its place on boards: compare as text, byte by byte.")
    parent_id: strawberry.ID | None
    label_ids: list[strawberry.ID]
    watcher_ids: list[strawberry.ID]
    version: int = strawberry.field(description="Counts up with every change; send it as `expectedVersion`.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    entity: strawberry.Private[domain_tasks.Task]

    @classmethod
    def of(cls, task: domain_tasks.Task) -> "Task":
        return cls(
            id=strawberry.ID(str(task.id)),
            key=task.key,
            number=task.number,
            title=task.title,
            description=task.description,
            status=task.status.name,
            status_category=task.status.category,
            priority=task.priority,
            workspace_id=strawberry.ID(str(task.workspace_id)),
            project_id=strawberry.ID(str(task.project.id)),
            assignee_ids=[strawberry.ID(str(user_id)) for user_id in task.assignee_ids],
            reporter_id=strawberry.ID(str(task.reporter_id)),
            due_at=task.due_at,
            start_at=task.start_at,
            estimate=task.estimate,
            position=task.position,
            parent_id=None if task.parent_id is None else strawberry.ID(str(task.parent_id)),
            label_ids=[strawberry.ID(str(label.id)) for label in task.labels],
            watcher_ids=[strawberry.ID(str(user_id)) for user_id in task.watcher_ids],
            version=task.version,
            created_at=task.created_at,
            updated_at=task.updated_at,
            deleted_at=task.deleted_at,
            entity=task,
        )

    @strawberry.field
    def assignees(self) -> list[User]:
        return [User(id=user_id) for user_id in self.assignee_ids]

    @field("Who created it.")
    def reporter(self) -> User | None:
        return User(id=self.reporter_id)

    @strawberry.field
    def project(self) -> Project:
        return Project.of_ref(self.entity.project)

    @strawberry.field
    def labels(self) -> list[Label]:
        return [Label.of(label) for label in self.entity.labels]

    @field("Who is told of its changes beside those whom they concern.")
    def watchers(self) -> list[User]:
        return [User(id=user_id) for user_id in self.watcher_ids]

    @field("The task that this is a part of.")
    async def parent(self, info: Info) -> "Task | None":
        if self.entity.parent_id is None:
            return None
        return Task.of(await load_task(info, self.entity.parent_id))

    @field("Its parts without the deleted ones, oldest first.")
    async def subtasks(self, info: Info, first: First = None, after: After = None) -> "TaskConnection | None":
        page = await info.context.subtasks_of_task.load((self.entity.id, page_of("subtasks", first, after)))
        return None if page is None else TaskConnection.by_age("subtasks", page, after)

    @field("What must be done before, without deleted tasks and those that you do not see.")
    async def blocked_by(self, info: Info) -> "list[Task]":
        found = await info.context.tasks.load_many(list(self.entity.blocked_by_ids))
        return [Task.of(task) for task in found if task is not None and task.deleted_at is None]

    @field("What waits for it, oldest first.")
    async def blocks(self, info: Info, first: First = None, after: After = None) -> "TaskConnection | None":
        page = await info.context.blocked_by_task.load((self.entity.id, page_of("blocks", first, after)))
        return None if page is None else TaskConnection.by_age("blocks", page, after)

    @field("Where its threads begin, oldest first.")
    async def threads(self, info: Info, first: First = None, after: After = None) -> "Connection[Comment] | None":
        page = await info.context.threads_of_task.load((self.entity.id, page_of("threads", first, after)))
        return None if page is None else list_of("threads", page, Comment.of, after)

    @field("Its clock, while it has a deadline.")
    async def sla(self, info: Info) -> TaskSla | None:
        clock = await info.context.sla_clocks.load(self.entity)
        return None if clock is None else TaskSla.of(clock, await load_policy(info, self.entity.project.id))

    @field("What people say about it, answers too, oldest first.")
    async def comments(self, info: Info, first: First = None, after: After = None) -> "Connection[Comment] | None":
        page = await info.context.comments_of_task.load((self.entity.id, page_of("comments", first, after)))
        return None if page is None else list_of("comments", page, Comment.of, after)

    @field("Every change of it, newest first.")
    async def activity(
        self, info: Info, first: First = None, after: After = None
    ) -> "Connection[ActivityEntry] | None":
        page = await info.context.activity_of_task.load((self.entity.id, page_of("activity", first, after)))
        return None if page is None else list_of("activity", page, ActivityEntry.of, after)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Task":  # noqa: A002 - named by the key
        return cls.of(await load_task(info, read_id("id", id)))


@strawberry.type(description="How many there are; counting stops at 1,000.")
class Count:
    value: int
    exact: bool = strawberry.field(description="False when there are more.")


@strawberry.type(description="An item of a list with its cursor.")
class TaskEdge:
    cursor: str
    node: Task


@strawberry.type(description="A page of a list of tasks; `nodes` are the items of `edges`.")
class TaskConnection:
    edges: list[TaskEdge]
    page_info: PageInfo
    counted: strawberry.Private[Callable[[], Awaitable[ports.Count]] | None] = None

    @field("The items without their cursors.")
    def nodes(self) -> list[Task]:
        return [edge.node for edge in self.edges]

    @field("How many tasks the whole list holds; null where nobody counts, as in searches.")
    async def total_count(self) -> Count | None:
        if self.counted is None:
            return None
        count = await self.counted()
        return Count(value=count.value, exact=count.exact)

    @classmethod
    def of(
        cls,
        page: Page[domain_tasks.Task],
        query: TaskQuery,
        after: str | None,
        counted: Callable[[], Awaitable[ports.Count]],
    ) -> "TaskConnection":
        edges = [TaskEdge(cursor=task_cursor(query.sort, task), node=Task.of(task)) for task in page.items]
        return cls.of_edges(edges, page.has_next, after, counted)

    @classmethod
    def by_age(cls, name: str, page: Page[domain_tasks.Task], after: str | None) -> "TaskConnection":
        """A list whose cursors are ids."""
        edges = [TaskEdge(cursor=encode_cursor(name, str(task.id)), node=Task.of(task)) for task in page.items]
        return cls.of_edges(edges, page.has_next, after)

    @classmethod
    def of_edges(
        cls,
        edges: list[TaskEdge],
        has_more: bool,
        after: str | None,
        counted: Callable[[], Awaitable[ports.Count]] | None = None,
    ) -> "TaskConnection":
        info = PageInfo(
            has_next_page=has_more,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return cls(edges=edges, page_info=info, counted=counted)


@strawberry.type(description="An emoji under a comment and who put it there.")
class Reaction:
    emoji: str
    count: int
    user_ids: list[strawberry.ID]

    @field("In the order in which they reacted.")
    def users(self) -> list[User]:
        return [User(id=user_id) for user_id in self.user_ids]

    @classmethod
    def of(cls, reaction: domain_comments.Reaction) -> "Reaction":
        users = [strawberry.ID(str(user_id)) for user_id in reaction.user_ids]
        return cls(emoji=reaction.emoji, count=len(users), user_ids=users)


@strawberry.federation.type(keys=["id"], description="What somebody said about a task.")
class Comment:
    id: strawberry.ID
    task_id: strawberry.ID
    body: str
    author_id: strawberry.ID
    parent_id: strawberry.ID | None = strawberry.field(description="The comment that its thread began with.")
    mentioned_ids: list[strawberry.ID]
    version: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None = strawberry.field(description="A deleted comment keeps its place without its words.")
    reactions: list[Reaction]
    entity: strawberry.Private[domain_comments.Comment]

    @classmethod
    def of(cls, comment: domain_comments.Comment) -> "Comment":
        return cls(
            id=strawberry.ID(str(comment.id)),
            task_id=strawberry.ID(str(comment.task_id)),
            body=comment.body,
            author_id=strawberry.ID(str(comment.author_id)),
            parent_id=None if comment.parent_id is None else strawberry.ID(str(comment.parent_id)),
            mentioned_ids=[strawberry.ID(str(user_id)) for user_id in comment.mentioned_ids],
            version=comment.version,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            deleted_at=comment.deleted_at,
            reactions=[Reaction.of(reaction) for reaction in comment.reactions],
            entity=comment,
        )

    @field("Those whom it mentions of the people who see the task.")
    def mentions(self) -> list[User]:
        return [User(id=user_id) for user_id in self.mentioned_ids]

    @field("The answers in its thread, oldest first.")
    async def replies(self, info: Info, first: First = None, after: After = None) -> "Connection[Comment] | None":
        page = await info.context.replies_to_comment.load((self.entity.id, page_of("replies", first, after)))
        return None if page is None else list_of("replies", page, Comment.of, after)

    @strawberry.field
    def author(self) -> User | None:
        return User(id=self.author_id)

    @field("The author's name as this service knows it, without asking the owner of people.")
    async def author_name(self, info: Info) -> str | None:
        return await _name(info, self.entity.author_id)

    @strawberry.field
    async def task(self, info: Info) -> Task:
        return Task.of(await load_task(info, self.entity.task_id))

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Comment":  # noqa: A002 - named by the key
        comment = await info.context.comments.load(read_id("id", id))
        if comment is None:
            raise not_found("comment")
        return cls.of(comment)


@strawberry.type(description="One change of one field.")
class FieldChange:
    field: str
    previous: JSON | None
    current: JSON | None


@strawberry.type(description="One change of a task.")
class ActivityEntry:
    id: strawberry.ID
    kind: ChangeKind
    version: int = strawberry.field(description="The version of the task that this change made.")
    at: datetime
    changes: list[FieldChange]
    entity: strawberry.Private[Activity]

    @classmethod
    def of(cls, entry: Activity) -> "ActivityEntry":
        return cls(
            id=strawberry.ID(str(entry.id)),
            kind=entry.kind,
            version=entry.version,
            at=entry.at,
            changes=[
                FieldChange(field=field, previous=values["from"], current=values["to"])
                for field, values in entry.changes.items()
            ],
            entity=entry,
        )

    @strawberry.field
    def actor(self) -> User | None:
        return _user(self.entity.actor_id)

    @field("The actor's name as this service knows it, without asking the owner of people.")
    async def actor_name(self, info: Info) -> str | None:
        return await _name(info, self.entity.actor_id)


async def load_project(info: Info, project_id: UUID) -> domain_projects.Project:
    """Raises DomainError NOT_FOUND, the same for an id that is nobody's and for another tenant's."""
    project = await info.context.projects.load(project_id)
    if project is None:
        raise not_found("project")
    return project


async def load_policy(info: Info, project_id: UUID) -> Policy:
    """Raises DomainError NOT_FOUND, as `load_project` does."""
    policy = await info.context.sla_policies.load(project_id)
    if policy is None:
        raise not_found("project")
    return policy


async def load_task(info: Info, task_id: UUID) -> domain_tasks.Task:
    """Raises DomainError NOT_FOUND, the same for an id that is nobody's and for another tenant's."""
    task = await info.context.tasks.load(task_id)
    if task is None:
        raise not_found("task")
    return task


async def _name(info: Info, user_id: UUID) -> str | None:
    profile = await info.context.profiles.load(user_id)
    return None if profile is None else profile.display_name


def _user(user_id: UUID) -> User:
    return User(id=strawberry.ID(str(user_id)))


def _workspace(workspace_id: UUID) -> Workspace:
    return Workspace(id=strawberry.ID(str(workspace_id)))
