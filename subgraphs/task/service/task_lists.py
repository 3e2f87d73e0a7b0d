"""Reading tasks in lists, by searching and by counting. Invariant: a list holds only what its reader may see."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from subgraphs.task.domain.queries import NEWEST_FIRST, TaskQuery
from subgraphs.task.domain.tasks import Task
from subgraphs.task.errors import invalid
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.ports import Count, Page, Ranked, Store, Window

LONGEST_SEARCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLists:
    """The lists of tasks."""

    store: Store

    async def of_projects(
        self, viewer: Viewer, ids: Collection[UUID], window: Window, query: TaskQuery = NEWEST_FIRST
    ) -> dict[UUID, Page[Task]]:
        """The tasks of each project."""
        async with self.store.read(viewer.caller) as work:
            return await work.lists.of_projects(ids, window, query)

    async def of_workspace(
        self, viewer: Viewer, workspace_id: UUID, window: Window, query: TaskQuery = NEWEST_FIRST
    ) -> Page[Task] | None:
        """The tasks of the active projects; None for a workspace that the caller does not belong to."""
        if not await viewer.enter(workspace_id):
            return None
        async with self.store.read(viewer.caller) as work:
            return await work.lists.of_workspace(workspace_id, window, query)

    async def assigned_to_self(self, viewer: Viewer, window: Window, query: TaskQuery = NEWEST_FIRST) -> Page[Task]:
        """The caller's own tasks in the active projects of all their workspaces."""
        await viewer.widen()
        async with self.store.read(viewer.caller) as work:
            return await work.lists.assigned_to(viewer.caller.user_id, window, query)

    async def search(
        self, viewer: Viewer, workspace_id: UUID, words: str, window: Window, *, project_id: UUID | None = None
    ) -> Page[Ranked] | None:
        """Tasks that hold the words, best first; None for a workspace that the caller does not belong to.

        Raises:
            DomainError: invalid, when there are too many words.
        """
        if len(words) > LONGEST_SEARCH or "\0" in words:
            raise invalid("query", f"A search has at most {LONGEST_SEARCH} characters")
        if not await viewer.enter(workspace_id):
            return None
        async with self.store.read(viewer.caller) as work:
            return await work.lists.search(workspace_id, words, window, project_id=project_id)

    async def count_of_project(self, viewer: Viewer, project_id: UUID, query: TaskQuery) -> Count:
        """How many tasks of the project fit."""
        async with self.store.read(viewer.caller) as work:
            return await work.lists.count_of_project(project_id, query)

    async def count_of_workspace(self, viewer: Viewer, workspace_id: UUID, query: TaskQuery) -> Count:
        """How many tasks of the workspace fit."""
        async with self.store.read(viewer.caller) as work:
            return await work.lists.count_of_workspace(workspace_id, query)

    async def count_assigned_to_self(self, viewer: Viewer, query: TaskQuery) -> Count:
        """How many of the caller's own tasks fit."""
        async with self.store.read(viewer.caller) as work:
            return await work.lists.count_assigned_to(viewer.caller.user_id, query)
