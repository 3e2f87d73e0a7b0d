"""One transaction's repositories. Invariant: all of them speak through the same connection, so they commit together."""

from typing import TypeVar
from uuid import UUID

from subgraphs.task.domain.projects import Project
from subgraphs.task.store.comments import CommentRows
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.idempotency import KeyRow
from subgraphs.task.store.inbox import InboxRows
from subgraphs.task.store.labels import LabelRows
from subgraphs.task.store.memberships import MembershipRows
from subgraphs.task.store.outbox import Outbox
from subgraphs.task.store.profiles import ProfileRows
from subgraphs.task.store.projects import ProjectRows
from subgraphs.task.store.recurrences import RecurrenceRows
from subgraphs.task.store.sla import SlaRows
from subgraphs.task.store.task_lists import TaskListRows
from subgraphs.task.store.tasks import TaskRows

T = TypeVar("T")


class PostgresWork:
    """Implements the port `Work`."""

    __slots__ = ("_connection", "_key", "_outbox", "written_projects")

    def __init__(self, connection: Connection, outbox: Outbox, key: KeyRow | None = None) -> None:
        self._connection = connection
        self._outbox = outbox
        self._key = key
        self.written_projects: dict[UUID, Project | None] = {}

    async def answer(self, value: T) -> T:
        if self._key is not None:
            await self._key.keep(value)
        return value

    @property
    def projects(self) -> ProjectRows:
        return ProjectRows(self._connection, self._outbox, self.written_projects)

    @property
    def tasks(self) -> TaskRows:
        return TaskRows(self._connection, self._outbox)

    @property
    def lists(self) -> TaskListRows:
        return TaskListRows(self._connection)

    @property
    def labels(self) -> LabelRows:
        return LabelRows(self._connection)

    @property
    def comments(self) -> CommentRows:
        return CommentRows(self._connection, self._outbox)

    @property
    def memberships(self) -> MembershipRows:
        return MembershipRows(self._connection)

    @property
    def profiles(self) -> ProfileRows:
        return ProfileRows(self._connection)

    @property
    def inbox(self) -> InboxRows:
        return InboxRows(self._connection)

    @property
    def recurrences(self) -> RecurrenceRows:
        return RecurrenceRows(self._connection, self._outbox)

    @property
    def sla(self) -> SlaRows:
        return SlaRows(self._connection, self._outbox)
