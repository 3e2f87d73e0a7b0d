"""Lists, searches and counts of a large inbox, as the subgraph's graph answers its owner.

MongoDB reads an index in order and stops; the development engine sorts all that an index range holds, so that its times
are an upper bound.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.clock import SystemClock
from kit.graphql import encode_cursor
from kit.identity import Actor, Caller
from kit.ids import new_id
from scripts.benchmarks.data.measured import Measured
from subgraphs.notification.domain.notifications import Category, Filter, Notification, Place, search_words
from subgraphs.notification.domain.notifications import Inbox as InboxOf
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.root import schema
from subgraphs.notification.service.preferences import Desk
from subgraphs.notification.service.subscriptions import Devices
from subgraphs.notification.service.unsubscribing import UnsubscribeTokens
from subgraphs.notification.store.deliveries import MongoCourses
from subgraphs.notification.store.documents import prepare
from subgraphs.notification.store.inboxes import MongoInboxes
from subgraphs.notification.store.mongo import Client, connected
from subgraphs.notification.store.notifications import InboxDocument, NotificationDocument, Outbox
from subgraphs.notification.store.pages import queries
from subgraphs.notification.store.preferences import MongoPreferences
from subgraphs.notification.store.profiles import MongoProfiles
from subgraphs.notification.store.pushes import MongoSubscriptions
from subgraphs.notification.store.transactions import Transactions, transactions

TRIES = 10
DATABASE = "bench_inbox"

_CHUNK = 500
_UNREAD_SHARE = 0.02
_ARCHIVED_SHARE = 0.3
_PROJECTS = 20
_WORDS = tuple(f"word{number}" for number in range(2_000))
_LIST = """query ($user: ID!, $after: String, $filter: NotificationFilter) {
  _entities(representations: [{__typename: "User", id: $user}]) { ... on User {
    unreadCount
    notifications(first: 50, after: $after, filter: $filter) { nodes { id title readAt } pageInfo { hasNextPage } }
  } }
}"""


class Inbox:
    """The inbox that was loaded, and what a test of it needs to name."""

    def __init__(self, user_id: UUID, ids: list[UUID], projects: list[UUID], rare: UUID) -> None:
        self.user_id = user_id
        self.ids = ids
        self.projects = projects
        self.rare = rare


async def measure(settings: Mapping[str, str], entries: int) -> Sequence[Measured]:
    """What an inbox of half as many costs its owner."""
    async with connected(settings["TASKFLOW_MONGO_URL"]) as client, _sessions(client) as sessions:
        inbox = await load_notifications(new_id(), entries // 2)
        graph = _Graph(sessions, inbox)
        return [await _measured(graph, inbox, *operation) for operation in _operations(inbox, entries // 2)]


async def load_notifications(user_id: UUID, count: int) -> Inbox:
    """Fills an inbox as many commits would have: a few unread, a third archived, one project with only ten of them."""
    chance = random.Random(7)  # noqa: S311 - the same inbox each time
    projects, rare, workspace = [new_id() for _ in range(_PROJECTS)], new_id(), new_id()
    collection = NotificationDocument.get_pymongo_collection()
    now, unread, ids = datetime.now(UTC), 0, list[UUID]()
    for first in range(1, count + 1, _CHUNK):
        documents = []
        for seq in range(first, min(first + _CHUNK, count + 1)):
            is_rare = seq % (count // 10) == 0
            told = Notification(
                id=new_id(),
                user_id=user_id,
                category=chance.choice(list(Category)[:8]),
                title=f"Ada moved ENG-{seq} to in progress",
                body=" ".join(chance.choices(_WORDS, k=6)) + (" needle" if is_rare else ""),
                workspace_id=workspace,
                project_id=rare if is_rare else chance.choice(projects),
                task_id=new_id(),
                created_at=now - timedelta(minutes=count - seq),
            )
            document = NotificationDocument.of(told, seq, Outbox(user_id=user_id, at=now, unread=0))
            document.outbox = None
            document.read = chance.random() >= _UNREAD_SHARE
            if document.read and chance.random() < _ARCHIVED_SHARE:
                document.place, document.archived_at = Place.ARCHIVED, now
            unread += not document.read
            plain = document.model_dump(exclude_none=True)
            plain["_id"] = plain.pop("id")
            documents.append(plain)
            ids.append(told.id)
        await collection.insert_many(documents)
    await InboxDocument(id=user_id, last_seq=count, unread=unread).insert()
    return Inbox(user_id, ids, projects, rare)


@asynccontextmanager
async def _sessions(client: Client) -> AsyncIterator[Transactions]:
    await prepare(client, DATABASE)
    async with transactions(client, database=DATABASE) as opened:
        yield opened


def _operations(inbox: Inbox, count: int) -> list[tuple[str, dict[str, Any], Filter]]:
    deep, archived = {"after": encode_cursor("inbox", count // 3)}, Filter(place=Place.ARCHIVED)
    assigned, due = Category.TASK_ASSIGNED, Category.SLA_REMINDER

    def given(**conditions: Any) -> dict[str, Any]:
        return {"filter": conditions}

    def search(text: str) -> tuple[dict[str, Any], Filter]:
        return given(search=text), Filter(words=search_words(text))

    return [
        ("first page", {}, Filter()),
        ("page in the depth", deep, Filter()),
        ("archived", given(place="ARCHIVED"), archived),
        ("unread", given(unread=True), Filter(unread=True)),
        ("one category", given(categories=[assigned]), Filter(categories=frozenset({assigned}))),
        ("two, in the depth", deep | given(categories=[assigned, due]), Filter(categories=frozenset({assigned, due}))),
        ("a project", given(projectId=str(inbox.projects[0])), Filter(project_id=inbox.projects[0])),
        ("a project with ten", given(projectId=str(inbox.rare)), Filter(project_id=inbox.rare)),
        ("search: a word in all", *search("progress")),
        ("search: a word in ten", *search("needle")),
        ("search: two words", *search("progress needle")),
        ("search: nothing found", *search("absent")),
    ]


async def _measured(graph: _Graph, inbox: Inbox, name: str, variables: dict[str, Any], shown: Filter) -> Measured:
    """A list with the unread count beside it, as a screen asks for both."""
    times, rows = [], 0
    for _ in range(TRIES):
        began = time.perf_counter()
        rows = await graph.ask(variables)
        times.append(1000 * (time.perf_counter() - began))
    stages, index, read = await _plan(inbox.user_id, shown)
    faults = ["reads the notifications from end to end"] if "COLLSCAN" in stages else []
    return Measured(name, times, rows, read, [index], faults)


class _Graph:
    """The subgraph's graph for the owner of the inbox, without a process around it."""

    def __init__(self, sessions: Transactions, inbox: Inbox) -> None:
        self._inboxes = MongoInboxes(sessions, _nobody_waits)
        self._user = inbox.user_id
        clock, subscriptions = SystemClock(), MongoSubscriptions()
        self._desk = Desk(
            preferences=MongoPreferences(),
            profiles=MongoProfiles(sessions),
            directory=_NoDirectory(),
            clock=clock,
            changed=lambda _: None,
        )
        self._devices = Devices(subscriptions=subscriptions, clock=clock, public_key=None, plain=False)

    async def ask(self, variables: dict[str, Any]) -> int:
        """How many notifications there were on the page."""
        caller = Caller(service="bench", actor=Actor(user_id=self._user, session_id=new_id()))
        tokens = UnsubscribeTokens("bench")
        here = Context(caller, self._inboxes, self._desk, self._devices, MongoCourses(), tokens, lambda: None)
        result = await schema.execute(_LIST, {"user": str(self._user), **variables}, context_value=here)
        if result.errors or result.data is None:
            raise RuntimeError(str(result.errors))
        return len(result.data["_entities"][0]["notifications"]["nodes"])


class _NoDirectory:
    """Nothing that is measured asks auth."""

    async def profile(self, user_id: UUID) -> Profile | None:
        raise NotImplementedError

    async def membership(self, workspace_id: UUID, user_id: UUID) -> None:
        raise NotImplementedError


async def _nobody_waits(_: UUID) -> None:
    return None


async def _plan(user_id: UUID, shown: Filter) -> tuple[list[str], str, int]:
    """The stages of the plan of one window, its index, and how much it read."""
    window = queries(InboxOf(user_id=user_id), shown)[0] | {"seq": {"$gte": 1, "$lt": 1_000}}
    explained = await NotificationDocument.get_pymongo_collection().find(window).sort("seq", -1).limit(50).explain()
    plan: dict[str, Any] | None = explained["queryPlanner"]["winningPlan"]
    stages, index = [], "none"
    while plan is not None:
        stages.append(plan["stage"])
        index = plan.get("indexName", index)
        plan = plan.get("inputStage")
    return stages, index, int(explained.get("executionStats", {}).get("totalDocsExamined", 0))
