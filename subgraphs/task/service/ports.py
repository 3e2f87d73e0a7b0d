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

from subgraphs.task.domain.changes import ChangeKind, TaskChange
from subgraphs.task.domain.comments import Comment, CommentAdded
from subgraphs.task.domain.memberships import Caller, Membership, Rights
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.projects import Project, ProjectState
from subgraphs.task.domain.tasks import Task

T = TypeVar("T")

Sight: TypeAlias = Caller | Iterable[UUID]
"""Which rows a transaction sees: those of a caller, or everything in the workspaces that a service names."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted: the `first` entries behind the one with the id `after`."""

    first: int
    after: UUID | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A request under an idempotency key: `request_hash` tells a repetition from another request with the same key."""

    caller: str
    key: str
    request_hash: bytes


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

    async def forget_member(self, workspace_id: UUID, user_id: UUID) -> None:
        """Takes the user out of all projects of the workspace."""


class Tasks(Protocol):
    """Tasks, their history and their events."""

    async def add(self, change: TaskChange) -> None:
        """Writes a new task with its history entry and its event."""

    async def save(self, changes: Sequence[TaskChange]) -> None:
        """Writes the last state with the history entries and events of all changes, which are not empty."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Task]: ...

    async def changed_since(self, task_id: UUID, version: int) -> list[str]:
        """The fields changed after `version`, in the order of the changes."""

    async def of_projects(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        """Newest first, without deleted ones."""

    async def assigned_to(self, user_id: UUID, window: Window) -> Page[Task]:
        """Newest first, without deleted ones."""

    async def activity(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        """Newest first."""


class Comments(Protocol):
    """Comments and their events."""

    async def add(self, added: CommentAdded) -> None: ...

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Comment]: ...

    async def of_tasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        """Oldest first."""


class Memberships(Protocol):
    """The replicated memberships."""

    async def put(self, membership: Membership) -> bool:
        """Stores it unless a newer version is there; says whether it was stored."""

    async def members(self, workspace_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
        """Which of the users are members now."""

    async def of_user(self, user_id: UUID) -> dict[UUID, Rights]:
        """Where the asking user is a member, whatever workspaces the transaction names."""


class Profiles(Protocol):
    """The replicated profiles; they belong to no workspace."""

    async def put(self, profile: Profile) -> bool:
        """Stores it unless a newer version is there; says whether it was stored."""

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Profile]: ...


class IdempotencyKeys(Protocol):
    """Requests that were answered already."""

    async def find(self, use: KeyUse) -> UUID | None:
        """The entity that an earlier use made. Raises DomainError IDEMPOTENCY_MISMATCH."""

    async def claim(self, use: KeyUse, *, workspace_id: UUID, entity_id: UUID, now: datetime) -> UUID | None:
        """Takes the key for `entity_id`; answers with the entity of an earlier use, if there was one.

        Waits while another transaction holds the same key. Raises DomainError IDEMPOTENCY_MISMATCH.
        """


class Inbox(Protocol):
    """Events that were consumed already."""

    async def take(self, event_id: UUID) -> bool:
        """Records the event; False when it was recorded before. Waits while another transaction records the same."""

    async def mark_ignored(self, event_id: UUID) -> None:
        """Notes that a taken event was older than what is known and had no effect."""


class Work(Protocol):
    """One transaction."""

    @property
    def projects(self) -> Projects: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def comments(self) -> Comments: ...
    @property
    def memberships(self) -> Memberships: ...
    @property
    def profiles(self) -> Profiles: ...
    @property
    def keys(self) -> IdempotencyKeys: ...
    @property
    def inbox(self) -> Inbox: ...


class Store(Protocol):
    """Where everything is kept."""

    def write(self, sight: Sight, *, lock_task: UUID | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that is committed at the end of the block and rolled back by any exception.

        With `lock_task` nobody else changes that task until then, and everything read sees its last committed state.
        """

    def read(self, sight: Sight, *, user_id: UUID | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that only reads; with `user_id` the user's own memberships are visible too."""


class Directory(Protocol):
    """The owner of people and workspaces, asked where no replica is there yet."""

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        """Raises DomainError unavailable or timeout."""

    async def profile(self, user_id: UUID) -> Profile | None:
        """Raises DomainError unavailable or timeout."""
