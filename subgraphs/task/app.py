"""The task process: opens everything once, in order, and wires the parts to each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from kit.clock import SystemClock
from kit.errors import unavailable
from kit.graphql import subgraph_app
from kit.identity import Caller, InternalTokens, InternalVerifier
from kit.ids import new_id
from kit.kafka import Consumer, Publisher, Relay, WakeUp, publisher
from kit.kafka.postgres import PostgresPending
from kit.lifecycle import Process, Service
from kit.redis import VersionedCache, caching_client
from kit.rpc import ChannelOptions, channel, server
from proto.events import (
    CommentAdded,
    CommentUpdated,
    ProjectAccessChanged,
    RecurrenceChanged,
    SlaAcknowledged,
    SlaPolicyChanged,
    TaskCreated,
    TaskStatusUpdated,
    TaskUpdated,
)
from proto.task.v1.task_pb2_grpc import add_TaskServiceServicer_to_server
from subgraphs.task.events.consumed import handlers
from subgraphs.task.events.published import SOURCE, encode
from subgraphs.task.rpc.directory import REPEATABLE, AuthDirectory
from subgraphs.task.rpc.tasks import TaskServicer
from subgraphs.task.schema.context import Request, Services
from subgraphs.task.schema.root import build_schema
from subgraphs.task.service.boards import Boards
from subgraphs.task.service.bulk import Bulk
from subgraphs.task.service.comments import Comments
from subgraphs.task.service.labels import Labels
from subgraphs.task.service.memberships import Memberships
from subgraphs.task.service.ports import Directory, ProjectCache, Store
from subgraphs.task.service.profiles import Profiles
from subgraphs.task.service.project_cache import NoProjectCache
from subgraphs.task.service.projects import Projects
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.sla import Sla
from subgraphs.task.service.task_lists import TaskLists
from subgraphs.task.service.tasks import Tasks
from subgraphs.task.service.workflow import Workflow
from subgraphs.task.settings import TaskSettings
from subgraphs.task.store.connection import Pool
from subgraphs.task.store.database import Database, PoolOptions, open_pool
from subgraphs.task.store.inbox import GROUP
from subgraphs.task.store.migrate import is_current, migrate
from subgraphs.task.store.project_cache import PREFIX
from subgraphs.task.store.project_cache import ProjectCache as RedisProjectCache
from subgraphs.task.store.sweeper import Sweeper

NAME = "task"
TOPICS = (
    TaskCreated.TOPIC,
    TaskUpdated.TOPIC,
    TaskStatusUpdated.TOPIC,
    CommentAdded.TOPIC,
    CommentUpdated.TOPIC,
    ProjectAccessChanged.TOPIC,
    RecurrenceChanged.TOPIC,
    SlaPolicyChanged.TOPIC,
    SlaAcknowledged.TOPIC,
)
"""What this process publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What was opened before anything can be served."""

    pool: Pool
    publisher: Publisher
    wake_up: WakeUp


def service(settings: TaskSettings) -> Service:
    """The process as `kit.lifecycle` runs it."""
    return Service(name=NAME, settings=settings, start=partial(_start, settings))


async def _start(settings: TaskSettings, process: Process) -> None:
    engines = await _open_engines(settings, process)
    tokens = InternalTokens(settings.internal_signing_key, NAME)
    verifier = InternalVerifier(settings.internal_trusted_keys, NAME)
    auth = await process.enter(
        "auth channel",
        lambda: channel("auth", settings.auth_grpc, tokens, ChannelOptions(repeatable=REPEATABLE)),
    )
    cache = await _open_cache(settings, process)
    database = Database(engines.pool, encode=encode, committed=engines.wake_up.committed, projects=cache)
    services = build_services(database, AuthDirectory(auth), cache)
    await _deliver_events(settings, process, engines, services)
    servicer = TaskServicer(services.tasks, services.memberships, services.recurrences, services.sla)
    await process.enter(
        "grpc",
        lambda: server(
            [partial(add_TaskServiceServicer_to_server, servicer)], verifier, settings.host, settings.grpc_port
        ),
    )

    def request(caller: Caller) -> Request:
        return Request(services, caller.actor, caller.request_key)

    process.mount(subgraph_app(build_schema(), verifier, context=request))


async def _open_cache(settings: TaskSettings, process: Process) -> ProjectCache:
    # Nobody waits for Redis here: while it is away every read goes to the database.
    if settings.redis_url is None:
        return NoProjectCache()
    client = caching_client(settings.redis_url, f"taskflow-{NAME}")
    await process.on_stop("redis", client.aclose)
    entries = VersionedCache(client, PREFIX)
    await process.spawn("project cache", entries.run)
    return RedisProjectCache(entries)


def build_services(store: Store, directory: Directory, cache: ProjectCache) -> Services:
    """The use cases over a store and the owner of people."""
    clock = SystemClock()
    tasks = Tasks(store=store, clock=clock, new_id=new_id)
    memberships = Memberships(store, directory)
    return Services(
        projects=Projects(store=store, clock=clock, new_id=new_id, cache=cache),
        tasks=tasks,
        lists=TaskLists(store=store),
        boards=Boards(store=store, clock=clock, new_id=new_id),
        bulk=Bulk(store=store, clock=clock, new_id=new_id),
        workflow=Workflow(store=store, clock=clock, new_id=new_id),
        labels=Labels(store=store, clock=clock, new_id=new_id),
        comments=Comments(store=store, clock=clock, new_id=new_id),
        memberships=memberships,
        profiles=Profiles(store, directory),
        sla=Sla(store=store, clock=clock, new_id=new_id),
        recurrences=Recurrences(store=store, clock=clock, new_id=new_id, tasks=tasks, memberships=memberships),
    )


async def _open_engines(settings: TaskSettings, process: Process) -> Engines:
    await process.enter("migrations", lambda: _migrated(settings))
    options = PoolOptions(largest=settings.postgres_pool)
    pool = await process.enter("postgres", lambda: open_pool(settings.postgres_url, options))
    await process.enter("schema", lambda: _current(pool))
    process.health.add("postgres", lambda: pool.fetchval("SELECT 1"))
    opened = await process.enter("publisher", lambda: publisher(settings.kafka_bootstrap, TOPICS, f"taskflow-{NAME}"))
    return Engines(pool=pool, publisher=opened, wake_up=WakeUp())


async def _deliver_events(settings: TaskSettings, process: Process, engines: Engines, services: Services) -> None:
    relay = Relay(NAME, PostgresPending(engines.pool, SOURCE), engines.publisher, engines.wake_up)
    await process.spawn("relay", relay.run)
    await process.spawn("sweeper", Sweeper(engines.pool).run)
    applied = handlers(services.profiles, services.memberships, services.sla)
    consumer = Consumer(settings.kafka_bootstrap, GROUP, applied, engines.publisher)
    await process.spawn("consumer", consumer.run)


@asynccontextmanager
async def _migrated(settings: TaskSettings) -> AsyncIterator[None]:
    # Without the owner's URL somebody else migrates, and `_current` waits for it.
    if settings.postgres_owner_url is not None:
        await migrate(settings.postgres_owner_url, settings.postgres_url)
    yield


@asynccontextmanager
async def _current(pool: Pool) -> AsyncIterator[None]:
    async with pool.acquire() as connection:
        if not await is_current(connection):
            raise unavailable("the database has not been migrated to this version")
    yield
