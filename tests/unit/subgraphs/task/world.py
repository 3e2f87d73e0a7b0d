"""The use cases over the stores of the tests, with a clock that stands still."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ProjectDraft
from subgraphs.task.domain.tasks import Task
from subgraphs.task.schema.context import Services
from subgraphs.task.service.boards import Boards
from subgraphs.task.service.bulk import Bulk
from subgraphs.task.service.comments import Comments
from subgraphs.task.service.labels import Labels
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.profiles import Profiles
from subgraphs.task.service.projects import Projects
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.sla import Sla
from subgraphs.task.service.task_lists import TaskLists
from subgraphs.task.service.tasks import Tasks
from subgraphs.task.service.workflow import Workflow
from tests.unit.subgraphs.task.fake_directory import FakeDirectory
from tests.unit.subgraphs.task.fake_store import FakeStore
from tests.unit.subgraphs.task.samples import FakeClock, a_draft, a_membership


@dataclass
class World:
    """One workspace with Ada in it."""

    store: FakeStore = field(default_factory=FakeStore)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    clock: FakeClock = field(default_factory=FakeClock)
    workspace_id: UUID = field(default_factory=new_id)
    ada: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        memberships = Memberships(self.store, self.directory)
        tasks = Tasks(store=self.store, clock=self.clock, new_id=new_id)
        self.services = Services(
            projects=Projects(store=self.store, clock=self.clock, new_id=new_id),
            tasks=tasks,
            lists=TaskLists(store=self.store),
            boards=Boards(store=self.store, clock=self.clock, new_id=new_id),
            bulk=Bulk(store=self.store, clock=self.clock, new_id=new_id),
            workflow=Workflow(store=self.store, clock=self.clock, new_id=new_id),
            labels=Labels(store=self.store, clock=self.clock, new_id=new_id),
            comments=Comments(store=self.store, clock=self.clock, new_id=new_id),
            memberships=memberships,
            profiles=Profiles(self.store, self.directory),
            sla=Sla(store=self.store, clock=self.clock, new_id=new_id),
            recurrences=Recurrences(
                store=self.store, clock=self.clock, new_id=new_id, tasks=tasks, memberships=memberships
            ),
        )

    def viewer(self, *workspaces: UUID, user_id: UUID | None = None, role: Role = Role.MEMBER) -> Viewer:
        """Somebody whose token names these workspaces; Ada in hers, when none is given."""
        rights = dict.fromkeys(workspaces or (self.workspace_id,), TABLE[role])
        return Viewer(Caller(user_id=user_id or self.ada, rights=rights), self.services.memberships)

    def stranger(self) -> Viewer:
        """Somebody who belongs to another workspace alone."""
        return self.viewer(new_id(), user_id=new_id(), role=Role.OWNER)

    async def member(self) -> UUID:
        """Somebody whom the replica knows as a member."""
        membership = a_membership(self.workspace_id)
        async with self.store.write([self.workspace_id]) as work:
            await work.memberships.put(membership)
        return membership.user_id

    async def project(self, key: str = "ENG", **details: Any) -> Project:
        draft = ProjectDraft(workspace_id=self.workspace_id, key=key, name="Engineering", **details)
        return await self.services.projects.create(self.viewer(), draft)

    async def task(self, project: Project | None = None, **details: Any) -> Task:
        project = project or await self.project()
        return await self.services.tasks.create(self.viewer(), a_draft(project, **details))
