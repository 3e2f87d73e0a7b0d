"""One transaction's repositories. Invariant: all of them speak through the same connection, so they commit together."""

from subgraphs.task.store.comments import CommentRows
from subgraphs.task.store.connection import Connection
from subgraphs.task.store.idempotency import KeyRows
from subgraphs.task.store.inbox import InboxRows
from subgraphs.task.store.memberships import MembershipRows
from subgraphs.task.store.outbox import Outbox
from subgraphs.task.store.profiles import ProfileRows
from subgraphs.task.store.projects import ProjectRows
from subgraphs.task.store.tasks import TaskRows


class PostgresWork:
    """Implements the port `Work`."""

    __slots__ = ("_connection", "_outbox")

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox

    @property
    def projects(self) -> ProjectRows:
        return ProjectRows(self._connection)

    @property
    def tasks(self) -> TaskRows:
        return TaskRows(self._connection, self._outbox)

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
    def keys(self) -> KeyRows:
        return KeyRows(self._connection)

    @property
    def inbox(self) -> InboxRows:
        return InboxRows(self._connection)
