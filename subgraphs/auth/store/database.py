"""Owns the connection to MongoDB and the transactions on it. A majority acknowledges each write from its journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pymongo
from beanie import init_beanie
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from kit.clock import Clock, SystemClock
from kit.kafka.mongo import MongoPending
from subgraphs.auth.service.ports import Stores
from subgraphs.auth.store.answers import AnswerDocument, MongoAnswers
from subgraphs.auth.store.audit import EntryDocument, MongoAudit
from subgraphs.auth.store.documents import Announce, Context, Encode, Stored
from subgraphs.auth.store.faults import mongo_faults
from subgraphs.auth.store.invitations import InvitationDocument, MongoInvitations
from subgraphs.auth.store.mail_tokens import MailTokenDocument, MongoMailTokens
from subgraphs.auth.store.memberships import MembershipDocument, MongoMemberships
from subgraphs.auth.store.roles import MongoRoles, RoleDocument
from subgraphs.auth.store.sessions import MongoSessions, SessionDocument
from subgraphs.auth.store.users import MongoUsers, UserDocument
from subgraphs.auth.store.workspaces import MongoWorkspaces, WorkspaceDocument

DATABASE = "auth"
DOCUMENTS: tuple[type[Stored], ...] = (
    UserDocument,
    WorkspaceDocument,
    MembershipDocument,
    RoleDocument,
    EntryDocument,
    AnswerDocument,
    InvitationDocument,
    MailTokenDocument,
    SessionDocument,
)
_SECONDS = 5
_OPTIONS: Mapping[str, Any] = {
    "uuidRepresentation": "standard",
    "tz_aware": True,
    "w": "majority",
    "journal": True,
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 2000,
    "timeoutMS": _SECONDS * 1000,
    "appname": "taskflow-auth",
}

T = TypeVar("T")
Client = AsyncMongoClient[dict[str, Any]]


class MongoStores:
    """Implements `service.ports.Stores`."""

    def __init__(self, context: Context, clock: Clock) -> None:
        self.answers = MongoAnswers(context, clock)
        self.users = MongoUsers(context)
        self.workspaces = MongoWorkspaces(context)
        self.memberships = MongoMemberships(context)
        self.roles = MongoRoles(context)
        self.audit = MongoAudit(context)
        self.invitations = MongoInvitations(context)
        self.mail_tokens = MongoMailTokens(context)
        self.sessions = MongoSessions(context)


class MongoDatabase(MongoStores):
    """Implements `service.ports.Database`."""

    def __init__(self, client: Client, name: str, encode: Encode, announce: Announce, clock: Clock) -> None:
        super().__init__(Context(encode=encode, announce=announce), clock)
        self._clock = clock
        self._client = client
        self._name = name
        self._encode = encode
        self._announce = announce

    async def atomically(self, work: Callable[[Stores], Awaitable[T]]) -> T:
        async def run(session: AsyncClientSession) -> tuple[T, Context]:
            # Made anew for each run: what a run that was rolled back wrote is nobody's business.
            context = Context(encode=self._encode, announce=self._announce, session=session)
            return await work(MongoStores(context, self._clock)), context

        # Without a limit of its own a transaction is tried again for two minutes while the server is away.
        with mongo_faults(), pymongo.timeout(_SECONDS):
            async with self._client.start_session() as session:
                result, context = await session.with_transaction(
                    run,
                    read_concern=ReadConcern("snapshot"),
                    write_concern=WriteConcern("majority", j=True),
                    read_preference=ReadPreference.PRIMARY,
                )
        if context.written:
            await self._announce(*context.written)
        return result

    async def ping(self) -> None:
        await self._client.admin.command("ping")

    def pending(self) -> MongoPending:
        """The events that wait in the documents."""
        return MongoPending(self._client[self._name], [document.get_collection_name() for document in DOCUMENTS])


def connect(url: str) -> Client:
    """A client, which connects when it is first used. Options in the URL win."""
    return AsyncMongoClient(url, **{name: value for name, value in _OPTIONS.items() if f"{name}=" not in url})


@asynccontextmanager
async def opened(
    url: str, encode: Encode, announce: Announce, name: str = DATABASE, clock: Clock | None = None
) -> AsyncIterator[MongoDatabase]:
    """The database, with its indexes in place."""
    client = connect(url)
    try:
        await init_beanie(database=client[name], document_models=list(DOCUMENTS))
        database = MongoDatabase(client, name, encode, announce, clock or SystemClock())
        await database.pending().ensure_indexes()
        yield database
    finally:
        await client.close()
