"""The gateway process of the product: opens its engines in order and serves the graph of its own subgraphs."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

from broadcaster import Broadcast
from broadcaster._base import Subscriber
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from gateway import unsubscribe
from gateway.assembly import GraphOptions
from gateway.executor.ports import Caller
from gateway.identity import Member, ProvingClient, SessionIdentity, Sessions, Stranger
from gateway.live.log import EventLog
from gateway.live.pod import Pod
from gateway.live.routes import RouteTable
from gateway.live.source import LiveSource
from gateway.live.subscriptions import Viewer, session_ended
from gateway.pipeline.engine import EngineOptions
from gateway.pipeline.generations import Generations
from gateway.pipeline.limits import Limits
from gateway.pipeline.prepare import PrepareOptions
from gateway.rate_limits import RequestLimits
from gateway.schema_watch import SchemaWatch
from gateway.server.asgi import Gateway
from gateway.server.operations import Operations
from gateway.server.page import PREFIX, PageFiles
from gateway.server.view import GatewayView, ViewOptions
from gateway.settings import GatewaySettings
from gateway.shims import rest, socketio
from gateway.transport.client import HttpSubgraphs, TransportOptions
from kit.clock import SystemClock
from kit.errors import DomainError
from kit.identity import InternalTokens
from kit.lifecycle import Process, Service, run
from kit.redis import RateLimits, RedisBroadcast, redis_client
from kit.rpc import ChannelOptions, channel
from kit.settings import load
from kit.telemetry import logger
from proto.auth.v1.auth_pb2_grpc import AuthServiceStub

NAME = "gateway"


def serve(given: argparse.Namespace) -> None:
    """Runs the process until SIGTERM; the command line may replace host and port."""
    overrides = {name: value for name, value in (("host", given.host), ("port", given.port)) if value is not None}
    settings = load(GatewaySettings).model_copy(update=overrides)
    run(service(settings))


def service(settings: GatewaySettings) -> Service:
    """The process, ready to run."""
    return Service(NAME, settings, partial(_start, settings=settings))


async def _start(process: Process, settings: GatewaySettings) -> None:
    tokens = InternalTokens(settings.internal_signing_key, NAME)
    generations = Generations()
    await process.on_stop("generations", generations.aclose)
    options = ChannelOptions(repeatable=("VerifySession",))
    auth = await process.enter("auth", lambda: channel("auth", settings.auth_grpc, tokens, options))
    sessions = Sessions(auth.stub(AuthServiceStub).VerifySession)
    redis = await process.enter("redis", lambda: redis_client(settings.redis_url, NAME))
    pod = await _open_pod(process, settings, redis)
    process.health.add("redis", redis.ping)
    identity = SessionIdentity(sessions, tokens, partial(end_of_session, pod))
    operations = Operations(generations, limiter=RequestLimits(RateLimits(redis), settings))
    sockets = socketio.SocketIoShim(operations, identity, _user_of, settings.allowed_origins)
    await process.on_stop("socket.io", sockets.aclose)
    process.mount(_application(settings, operations, identity, tokens, sockets))
    await _load_graph(process, settings, generations, sessions, tokens, pod)


def _application(
    settings: GatewaySettings,
    operations: Operations,
    identity: SessionIdentity,
    tokens: InternalTokens,
    sockets: socketio.SocketIoShim,
) -> ASGIApp:
    folder = settings.graphiql_dir
    options = ViewOptions(page=folder is not None, allowed_origins=settings.allowed_origins)
    others: dict[str, ASGIApp] = {
        rest.PREFIX: rest.RestShim(operations, identity),
        socketio.PREFIX: sockets,
        unsubscribe.PREFIX: unsubscribe.Unsubscribe(operations, Stranger(tokens, None)),
    }
    if folder is not None:
        others[PREFIX] = PageFiles(folder)
    gateway = Gateway(GatewayView(operations, identity, options), others)
    if not settings.allowed_origins:
        return gateway
    return CORSMiddleware(
        gateway,
        allow_origins=settings.allowed_origins,
        allow_methods=("GET", "POST", "PATCH"),
        allow_headers=("authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "traceparent"),
        expose_headers=("etag", "link", "location", "retry-after"),
        max_age=600,
    )


async def _open_pod(process: Process, settings: GatewaySettings, redis: Redis) -> Pod:
    """This process's end of the targeted routing, reading its own channel."""
    broadcast = Broadcast(backend=RedisBroadcast(settings.redis_url, f"{NAME}.pod"))
    await process.enter("pod channel", lambda: _connected(broadcast))
    pod = Pod(EventLog(redis, epoch=str(uuid4())), RouteTable(redis, settings.pod_id), SystemClock())

    async def read() -> None:
        async with broadcast.subscribe(f"pod:{settings.pod_id}") as subscriber:
            await pod.run(_messages(subscriber))

    await process.spawn("pod", read)
    return pod


async def _messages(subscriber: Subscriber) -> AsyncIterator[str]:
    async for event in subscriber:  # type: ignore[union-attr] # declared as what it is not
        yield event.message  # type: ignore[union-attr]


@asynccontextmanager
async def _connected(broadcast: Broadcast) -> AsyncIterator[Broadcast]:
    await broadcast.connect()
    try:
        yield broadcast
    finally:
        await broadcast.disconnect()


async def _load_graph(
    process: Process,
    settings: GatewaySettings,
    generations: Generations,
    sessions: Sessions,
    tokens: InternalTokens,
    pod: Pod,
) -> None:
    urls = {
        "auth": settings.auth_urls,
        "task": settings.task_urls,
        "notification": settings.notification_urls,
    }
    graph = GraphOptions(
        engine=EngineOptions(
            prepare=PrepareOptions(
                limits=Limits(entries=settings.largest_operation),
                introspection=settings.introspection,
                suggestions=settings.introspection,
            ),
            share_queries=False,
        ),
        # Someone told of a change by an event asks again at once: an answer read before that change will not do.
        transport=TransportOptions(share_queries=False),
        urls=urls,
        around=lambda client: ProvingClient(client, sessions),
        source=lambda streams: LiveSource(pod, viewer_of, streams),
    )
    client = HttpSubgraphs(urls)
    await process.on_stop("schema client", client.aclose)
    watch = SchemaWatch(urls, client, Stranger(tokens, None), graph, generations)

    @asynccontextmanager
    async def loaded() -> AsyncIterator[None]:
        await watch.refresh()
        yield

    await process.enter("graph", loaded)
    await process.spawn("schema watch", lambda: watch.watch(settings.schema_poll_seconds))


async def end_of_session(pod: Pod, session_id: str) -> None:
    """Returns when the session was revoked; an outage of Redis is waited out."""
    while True:
        try:
            await session_ended(pod, session_id)
            return
        except (RedisError, OSError, DomainError) as error:
            logger("sessions").warning("the end of a session cannot be watched", reason=str(error))
            await asyncio.sleep(1.0)


def _user_of(caller: Caller) -> str | None:
    return str(caller.actor.user_id) if isinstance(caller, Member) else None


def viewer_of(caller: Caller) -> Viewer | None:
    """Whom the live layer serves."""
    if not isinstance(caller, Member):
        return None
    return Viewer(str(caller.actor.user_id), str(caller.actor.session_id))
