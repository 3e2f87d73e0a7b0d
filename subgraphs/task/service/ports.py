"""What the use cases need of the world.

Invariant: everything that a `Work` does is one transaction; it sees only the workspaces that it names and, for a caller
who may not see them all, no private project of others.

The same suite of tests runs against the PostgreSQL store and the in-memory one of the unit tests.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.comments import Comment, CommentChange
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.memberships import Caller, Membership, Rights
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.projects import Project, ProjectState
from subgraphs.task.domain.queries import TaskQuery
from subgraphs.task.domain.tasks import Task
from subgraphs.task.service.recurrence_ports import Recurrences
from subgraphs.task.service.sla_ports import SlaRows

T = TypeVar("T")

Sight: TypeAlias = Caller | Iterable[UUID]
"""Which rows a transaction sees: those of a caller, or everything in the workspaces that a service names."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted: the `first` entries behind the one with the id `after`.

    In lists that something else than the id sorts, `at` is that entry's value.
    """

    first: int
    after: UUID | None = None
    at: str | int | float | datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list in its order."""

    items: tuple[T, ...] = ()
    has_next: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One entry of a task's history; `changes` maps a field's API name to its former and new value."""

    id: UUID
    task_id: UUID
    version: int
    kind: ChangeKind
    actor_id: UUID
    changes: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """The next number of a project, whose row stays locked until the commit; who of those asked for is a member."""

    project: Project
    number: int
    members: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, as far as was counted."""

    value: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A task that a search found, and how well it fits."""

    task: Task
    rank: float

    @property
    def id(self) -> UUID:
        return self.task.id


@dataclass(frozen=True, slots=True)
class Gap:
    """Room on a board: behind `low`, before `high`."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task stands on its board."""

    id: UUID
    position: str


class Projects(Protocol):
    """Projects with their workflow."""

    async def add(self, project: Project) -> None:
        """Raises DomainError PROJECT_KEY_TAKEN."""

    async def save(self, project: Project) -> None: ...

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Project]: ...

    async def lock(self, project_id: UUID) -> Project | None: ...

    async def take_number(self, project_id: UUID, *, members: Collection[UUID]) -> Numbering | None: ...

    async def of_workspaces(
        self, ids: Collection[UUID], window: Window, state: ProjectState
    ) -> dict[UUID, Page[Project]]:
        """Those in that state, oldest first."""

    async def save_workflow(self, project: Project) -> None:
        """Writes the project with its states; those that it no longer has must have no task."""

    async def lock_status(self, status_id: UUID) -> None:
        """Nobody else changes the state, and no task comes into it, until the end of the transaction."""

    async def announce(self, announcement: Announcement) -> None: ...

    async def forget_member(self, workspace_id: UUID, user_id: UUID) -> None:
        """Takes the user out of all projects of the workspace."""


class Tasks(Protocol):
    """Tasks, their history and their events."""

    async def add(self, change: TaskChange) -> None:
        """Writes a new task with its history entry and its event."""

    async def save(self, changes: Sequence[TaskChange]) -> None:
        """Writes the last state of each task with the history entries and events of all changes, never of none."""

    async def watch(self, task_id: UUID, user_id: UUID, *, watching: bool) -> None:
        """Adds a watcher or takes one away; that is no change of the task."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Task]: ...

    async def lock(self, ids: Collection[UUID]) -> None:
        """Nobody else changes the tasks until the end of the transaction; what is read next is not older."""

    async def lock_board(self, project_id: UUID) -> None:
        """Nobody else moves tasks of the project until the end of the transaction. Taken before any task is locked."""

    async def lock_graph(self, workspace_id: UUID) -> None:
        """Nobody else changes parents and dependencies in the workspace until the end of the transaction."""

    async def waits_for(self, task_id: UUID, blocker_ids: Collection[UUID]) -> bool:
        """Whether one of the blockers is the task itself or waits for it, over however many others."""

    async def is_above(self, task_id: UUID, parent_id: UUID) -> bool:
        """Whether the parent is the task itself or one of its subtasks, over however many others."""

    async def gap(self, project_id: UUID, place: str | None, *, behind: bool, without: UUID) -> Gap:
        """The room directly behind or before a place, as if the task `without` were not there; None is the end."""

    async def places_around(self, project_id: UUID, place: str, count: int) -> tuple[Sequence[Place], Gap]:
        """Up to `count` tasks at or before the place and as many behind it, in order, and the room they share."""

    async def in_status(self, project_id: UUID, status_id: UUID, limit: int) -> Sequence[UUID]:
        """Tasks in the state, deleted ones too."""

    async def changed_since(self, task_id: UUID, version: int) -> list[str]:
        """The fields changed after `version`, in the order of the changes."""

    async def subtasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """Oldest first, without deleted ones."""

    async def blocked_by(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """The tasks that wait for each, oldest first, without deleted ones."""

    async def activity(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        """Newest first."""


class TaskLists(Protocol):
    """Lists, searches and counts of tasks that are not deleted."""

    async def of_projects(self, ids: Collection[UUID], window: Window, query: TaskQuery) -> dict[UUID, Page[Task]]: ...

    async def of_workspace(self, workspace_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        """Of its active projects."""

    async def assigned_to(self, user_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        """Of active projects."""

    async def count_of_project(self, project_id: UUID, query: TaskQuery) -> Count: ...

    async def count_of_workspace(self, workspace_id: UUID, query: TaskQuery) -> Count: ...

    async def count_assigned_to(self, user_id: UUID, query: TaskQuery) -> Count: ...

    async def search(
        self, workspace_id: UUID, words: str, window: Window, *, project_id: UUID | None = None
    ) -> Page[Ranked]:
        """Those of active projects that hold the words, best first."""


class Labels(Protocol):
    """Labels of projects."""

    async def add(self, label: Label) -> None:
        """Raises DomainError EXISTS."""

    async def save(self, label: Label) -> None:
        """Raises DomainError EXISTS."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Label]:
        """Deleted ones too."""

    async def lock(self, label_id: UUID) -> Label | None: ...

    async def of_projects(self, ids: Collection[UUID]) -> dict[UUID, tuple[Label, ...]]:
        """By name, without deleted ones."""


class Comments(Protocol):
    """Comments, reactions and their events."""

    async def add(self, added: CommentChange) -> None: ...

    async def save(self, change: CommentChange) -> None:
        """Writes the comment after a change; a deleted one loses its reactions."""

    async def react(self, change: CommentChange, emoji: str, at: datetime) -> None:
        """Adds the actor's reaction."""

    async def unreact(self, change: CommentChange, emoji: str) -> None:
        """Takes the actor's reaction away."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Comment]: ...

    async def of_tasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """All of each task, oldest first."""

    async def threads(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """Those of each task that answer no other, oldest first."""

    async def replies(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """The answers to each comment, oldest first."""


class Memberships(Protocol):
    """The replicated memberships."""

    async def put(self, membership: Membership) -> bool:
        """Stores it unless a newer version is there; says whether it was stored."""

    async def members(self, workspace_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
        """Which of the users are members now."""

    async def everybody(self, workspace_id: UUID) -> set[UUID]:
        """All members now."""

    async def of_user(self, user_id: UUID) -> dict[UUID, Rights]:
        """Where the asking user is a member, whatever workspaces the transaction names."""


class Profiles(Protocol):
    """The replicated profiles; they belong to no workspace."""

    async def put(self, profile: Profile) -> bool:
        """Stores it unless a newer version is there; says whether it was stored."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Profile]: ...

    async def with_emails(self, emails: Collection[str]) -> dict[str, UUID]:
        """The users who have these addresses, in lower case."""


class Inbox(Protocol):
    """Events that were consumed already."""

    async def take(self, event_id: UUID) -> bool:
        """Records the event; False when it was recorded before. Waits while another transaction records the same."""

    async def mark_ignored(self, event_id: UUID) -> None:
        """Notes that a taken event was older than what is known and had no effect."""


class Work(Protocol):
    """One transaction."""

    async def answer(self, value: T) -> T:
        """The value, which is what a mutation answers: kept for repetitions when the caller uses a key."""

    @property
    def projects(self) -> Projects: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def lists(self) -> TaskLists: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def comments(self) -> Comments: ...
    @property
    def memberships(self) -> Memberships: ...
    @property
    def profiles(self) -> Profiles: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def recurrences(self) -> Recurrences: ...
    @property
    def sla(self) -> SlaRows: ...


class Store(Protocol):
    """Where everything is kept."""

    def write(self, sight: Sight, *, lock_task: UUID | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that is committed at the end of the block and rolled back by any exception.

        Of a caller who uses an idempotency key, the block must say what it answers; raises AlreadyAnswered when an
        earlier run did, waiting for one that is under way, DomainError IDEMPOTENCY_IN_PROGRESS when that takes too
        long, IDEMPOTENCY_MISMATCH when the key was used for another request.

        With `lock_task` nobody else changes that task until then, and everything read sees its last committed state.
        """

    def read(self, sight: Sight, *, user_id: UUID | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that only reads; with `user_id` the user's own memberships are visible too."""


class ProjectCache(Protocol):
    """Projects at hand; an absent one is read from the store. Nothing of it ever fails."""

    async def get(self, ids: Collection[UUID]) -> dict[UUID, Project]:
        """What is at hand, whoever may see it."""

    async def offer(self, projects: Collection[Project]) -> None:
        """What a reader found; something newer that is there, or being written, stays."""

    async def mark(self, ids: Collection[UUID]) -> str:
        """Before a commit: nobody reads or fills these until they are published with the mark that this answers."""

    async def publish(self, mark: str, projects: Mapping[UUID, Project | None]) -> None:
        """After the commit: what these are now; None forgets one."""


class Directory(Protocol):
    """The owner of people and workspaces, asked where no replica is there yet."""

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        """Raises DomainError unavailable or timeout."""

    async def profile(self, user_id: UUID) -> Profile | None:
        """Raises DomainError unavailable or timeout."""
