"""What one request carries to its resolvers. Invariant: loaders live as long as the request and never mix callers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from kit.errors import DomainError
from kit.idempotency import KeyUse, RequestKey
from kit.identity import Actor
from proto.permissions import permissions_of
from subgraphs.task.domain.comments import Comment
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.projects import Project, ProjectState
from subgraphs.task.domain.queries import TaskQuery
from subgraphs.task.domain.recurrences import Series
from subgraphs.task.domain.sla import Policy
from subgraphs.task.domain.sla_clock import Clock
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.boards import Boards
from subgraphs.task.service.bulk import Bulk
from subgraphs.task.service.comments import Comments
from subgraphs.task.service.labels import Labels
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.ports import Activity, Page, Window
from subgraphs.task.service.profiles import Profiles
from subgraphs.task.service.projects import Projects
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.sla import Sla
from subgraphs.task.service.task_lists import TaskLists
from subgraphs.task.service.tasks import Tasks
from subgraphs.task.service.workflow import Workflow

K = TypeVar("K")
T = TypeVar("T")

Part: TypeAlias = tuple[UUID, Window]
"""A window of the list of one parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases, opened once per process."""

    projects: Projects
    tasks: Tasks
    lists: TaskLists
    boards: Boards
    bulk: Bulk
    workflow: Workflow
    labels: Labels
    comments: Comments
    memberships: Memberships
    profiles: Profiles
    recurrences: Recurrences
    sla: Sla


class Request:
    """The caller of one request and the loaders that answer all resolvers of the same moment with one query."""

    def __init__(self, services: Services, actor: Actor | None, key: RequestKey | None = None) -> None:
        self.services = services
        self._key = key
        self._actor = actor
        self._tasks_of_project: dict[TaskQuery, DataLoader[Part, Page[Task] | None]] = {}
        self._projects_of_workspace: dict[ProjectState, DataLoader[Part, Page[Project] | None]] = {}

    @cached_property
    def viewer(self) -> Viewer:
        """Raises DomainError UNAUTHENTICATED when no person stands behind the request."""
        if self._actor is None:
            raise DomainError.of("UNAUTHENTICATED", "This needs a person.")
        actor = self._actor
        rights = {
            workspace_id: permissions_of(role, actor.permissions.get(workspace_id, ()))
            for workspace_id, role in actor.workspaces.items()
        }
        return Viewer(Caller(user_id=actor.user_id, rights=rights), self.services.memberships)

    def acting(self, field: str) -> Viewer:
        """The viewer for the mutation under this name in the request's document: done once, when there is a key."""
        viewer = self.viewer
        if self._key is None:
            return viewer
        owner = f"user:{viewer.caller.user_id}"
        use = KeyUse(owner=owner, key=self._key.key, field=field, fingerprint=self._key.fingerprint)
        return viewer.using(use)

    @cached_property
    def projects(self) -> DataLoader[UUID, Project | None]:
        return _by_id(lambda ids: self.services.projects.find(self.viewer, ids))

    @cached_property
    def tasks(self) -> DataLoader[UUID, Task | None]:
        return _by_id(lambda ids: self.services.tasks.find(self.viewer, ids))

    @cached_property
    def comments(self) -> DataLoader[UUID, Comment | None]:
        return _by_id(lambda ids: self.services.comments.find(self.viewer, ids))

    @cached_property
    def profiles(self) -> DataLoader[UUID, Profile | None]:
        return _by_id(self.services.profiles.find)

    def projects_of_workspace(self, state: ProjectState) -> DataLoader[Part, Page[Project] | None]:
        """One loader for each state that the document asks for."""
        if state not in self._projects_of_workspace:
            self._projects_of_workspace[state] = self._projects_in(state)
        return self._projects_of_workspace[state]

    def _projects_in(self, state: ProjectState) -> DataLoader[Part, Page[Project] | None]:
        return _by_part(lambda ids, window: self.services.projects.of_workspaces(self.viewer, ids, window, state))

    def tasks_of_project(self, query: TaskQuery) -> DataLoader[Part, Page[Task] | None]:
        """One loader for each filter and order that the document asks for."""
        if query not in self._tasks_of_project:
            self._tasks_of_project[query] = self._tasks_by(query)
        return self._tasks_of_project[query]

    def _tasks_by(self, query: TaskQuery) -> DataLoader[Part, Page[Task] | None]:
        return _by_part(lambda ids, window: self.services.lists.of_projects(self.viewer, ids, window, query))

    @cached_property
    def sla_clocks(self) -> DataLoader[Task, Clock | None]:
        async def load(tasks: list[Task]) -> Sequence[Clock | None]:
            found = await self.services.sla.clocks(self.viewer, tasks)
            return [found.get(task.id) for task in tasks]

        return DataLoader(load, cache_key_fn=lambda task: task.id)

    @cached_property
    def sla_policies(self) -> DataLoader[UUID, Policy | None]:
        return _by_id(lambda ids: self.services.sla.policies_of(self.viewer, ids))

    @cached_property
    def recurrences(self) -> DataLoader[UUID, Series | None]:
        return _by_id(lambda ids: self.services.recurrences.find(self.viewer, ids))

    @cached_property
    def recurrences_of_project(self) -> DataLoader[Part, Page[Series] | None]:
        return _by_part(lambda ids, window: self.services.recurrences.of_projects(self.viewer, ids, window))

    @cached_property
    def comments_of_task(self) -> DataLoader[Part, Page[Comment] | None]:
        return _by_part(lambda ids, window: self.services.comments.of_tasks(self.viewer, ids, window))

    @cached_property
    def threads_of_task(self) -> DataLoader[Part, Page[Comment] | None]:
        return _by_part(lambda ids, window: self.services.comments.threads(self.viewer, ids, window))

    @cached_property
    def replies_to_comment(self) -> DataLoader[Part, Page[Comment] | None]:
        return _by_part(lambda ids, window: self.services.comments.replies(self.viewer, ids, window))

    @cached_property
    def subtasks_of_task(self) -> DataLoader[Part, Page[Task] | None]:
        return _by_part(lambda ids, window: self.services.tasks.subtasks(self.viewer, ids, window))

    @cached_property
    def blocked_by_task(self) -> DataLoader[Part, Page[Task] | None]:
        return _by_part(lambda ids, window: self.services.tasks.blocked_by(self.viewer, ids, window))

    @cached_property
    def labels_of_project(self) -> DataLoader[UUID, tuple[Label, ...] | None]:
        return _by_id(lambda ids: self.services.labels.of_projects(self.viewer, ids))

    @cached_property
    def activity_of_task(self) -> DataLoader[Part, Page[Activity] | None]:
        return _by_part(lambda ids, window: self.services.tasks.activity(self.viewer, ids, window))


def _by_id(find: Callable[[list[UUID]], Awaitable[dict[UUID, T]]]) -> DataLoader[UUID, T | None]:
    async def load(ids: list[UUID]) -> Sequence[T | None]:
        found = await find(ids)
        return [found.get(entity_id) for entity_id in ids]

    return DataLoader(load)


def _by_part(
    find: Callable[[list[UUID], Window], Awaitable[dict[UUID, T]]],
) -> DataLoader[Part, T | None]:
    async def load(parts: list[Part]) -> Sequence[T | None]:
        # Parts of one field share their window; a document that asks for several windows pays a query for each.
        windows = dict.fromkeys(window for _, window in parts)
        found = {window: await find([parent for parent, of in parts if of == window], window) for window in windows}
        return [found[window].get(parent) for parent, window in parts]

    return DataLoader(load)
