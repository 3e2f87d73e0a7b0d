"""Owns a running notification process and its surroundings: auth as a test wants it, events in, events out."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self, cast
from uuid import UUID

import aiohttp
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from kit.errors import DomainError
from kit.identity import Actor, InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from kit.kafka import Envelope, Publisher, ensure_topics
from kit.kafka.topics import PARTITIONS
from kit.rpc import server
from proto.auth.v1.auth_pb2 import (
    GetWorkspaceContextRequest,
    UserProfile,
    VerifyResponse,
    VerifySessionRequest,
    VerifyUserRequest,
    WorkspaceContext,
)
from proto.auth.v1.auth_pb2_grpc import AuthServiceServicer, add_AuthServiceServicer_to_server
from proto.events import NotificationCreated, Payload
from scripts.engines.ports import LOOPBACK, free_port
from subgraphs.notification.events.consumed import Subscriptions
from tests.testkit.notification.push import VAPID_KEY

CONSUMED = sorted(Subscriptions(announcer=cast("Any", None), ledger=cast("Any", None)).handlers())
_READY_SECONDS = 30

INBOX = """query ($user: ID!, $first: Int, $after: String, $unreadOnly: Boolean! = false) {
  _entities(representations: [{__typename: "User", id: $user}]) { ... on User {
    unreadCount
    notifications(first: $first, after: $after, unreadOnly: $unreadOnly) {
      nodes { id category title readAt version task { id } workspace { id } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}"""


class ScriptedAuth(AuthServiceServicer):
    """Auth with the people that a test names."""

    def __init__(self) -> None:
        self.people: dict[str, UserProfile] = {}
        self.asked: list[str] = []

    def add(self, name: str) -> UUID:
        user_id = new_id()
        self.people[str(user_id)] = UserProfile(
            user_id=str(user_id),
            email=f"{name}-{user_id.hex[-8:]}@example.com",
            display_name=name.capitalize(),
            locale="en",
            time_zone="UTC",
            version=1,
        )
        return user_id

    def email(self, user_id: UUID) -> str:
        return self.people[str(user_id)].email

    async def VerifyUser(self, request: VerifyUserRequest, context: object) -> UserProfile:
        self.asked.append(request.user_id)
        if request.user_id not in self.people:
            raise DomainError.of("NOT_FOUND", "There is no such user.")
        return self.people[request.user_id]

    async def GetWorkspaceContext(self, request: GetWorkspaceContextRequest, context: object) -> WorkspaceContext:
        raise DomainError.of("NOT_FOUND", "There is no such workspace.")

    async def VerifySession(self, request: VerifySessionRequest, context: object) -> VerifyResponse:
        raise DomainError.of("UNAUTHENTICATED", "Nobody has a session here.")


@dataclass
class Surroundings:
    """What a notification process needs, and how a test speaks with it."""

    environment: dict[str, str]
    auth: ScriptedAuth
    publisher: Publisher
    bootstrap: str
    gateway: InternalTokens
    logs: Path
    started: list[Instance] = field(default_factory=list)

    async def start(self, *, smtp_url: str, failpoints: str = "") -> Instance:
        """Returns when it is ready."""
        number = len(self.started)
        instance = Instance(self, free_port(), self.logs / f"notification-{number}.log")
        extra = {"TASKFLOW_SMTP_URL": smtp_url, "TASKFLOW_FAILPOINTS": failpoints}
        self.started.append(instance)
        return await instance.start({**self.environment, **extra})

    async def publish(self, payload: Payload, key: object, event_id: UUID | None = None) -> UUID:
        event = Envelope.of(payload, source="test", subject=key, tenant=None, time=datetime.now(UTC), event_id=event_id)
        await self.publisher.publish([event])
        return event.id

    @asynccontextmanager
    async def reading(self, *topics: str) -> AsyncIterator[Reader]:
        """What comes to the topics from now on."""
        await ensure_topics([self.bootstrap], topics)
        wire = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await wire.start()
        try:
            partitions = [TopicPartition(t, p) for t in topics for p in range(PARTITIONS)]
            wire.assign(partitions)
            await wire.seek_to_end(*partitions)
            for partition in partitions:
                await wire.position(partition)
            yield Reader(wire)
        finally:
            await wire.stop()


@dataclass
class Reader:
    """Records as they come."""

    wire: AIOKafkaConsumer
    seen: list[ConsumerRecord[bytes, bytes]] = field(default_factory=list)

    async def until(self, key: object, count: int = 1, seconds: float = 20) -> list[ConsumerRecord[bytes, bytes]]:
        """The records of a key as soon as there are `count`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(found := self.of(key)) < count:
                for records in (await self.wire.getmany(timeout_ms=200)).values():
                    self.seen += records
        return found

    def of(self, key: object) -> list[ConsumerRecord[bytes, bytes]]:
        return [record for record in self.seen if record.key == str(key).encode()]


@dataclass
class Instance:
    """One process."""

    around: Surroundings
    port: int
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self, environment: Mapping[str, str]) -> Self:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "subgraphs.notification"),
                env={**environment, "TASKFLOW_PORT": str(self.port)},
                stdout=log,
                stderr=log,
            )
        await self._ready()
        return self

    async def _ready(self) -> None:
        async with asyncio.timeout(_READY_SECONDS), aiohttp.ClientSession() as client:
            while True:
                if self.process is not None and self.process.returncode is not None:
                    raise RuntimeError(f"ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
                try:
                    async with client.get(f"http://{LOOPBACK}:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def died(self, seconds: float = 20) -> int:
        """The status of a process that a failpoint ended."""
        async with asyncio.timeout(seconds):
            return await self._running.wait()

    async def terminate(self) -> int:
        self._running.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._running.wait(), 30)

    async def kill(self) -> None:
        if self._running.returncode is None:
            self._running.kill()
        await self._running.wait()

    async def ask(self, viewer: UUID, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A GraphQL operation as the gateway would send it for the viewer."""
        actor = Actor(user_id=viewer, session_id=new_id())
        headers = {"taskflow-internal": self.around.gateway.mint(actor, "notification")}
        return await self.post({"query": query, "variables": variables or {}}, headers)

    async def inbox(self, user: UUID, **variables: Any) -> dict[str, Any]:
        """A user's own inbox with its unread count."""
        answer = await self.ask(user, INBOX, {"user": str(user), **variables})
        assert "errors" not in answer, answer
        seen: dict[str, Any] = answer["data"]["_entities"][0]
        return seen

    async def inbox_with(self, user: UUID, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        """The notifications as soon as there are `count`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                answer = await self.ask(user, INBOX, {"user": str(user)})
                inbox: dict[str, Any] = (answer["data"] or {})["_entities"][0] or {}
                nodes: list[dict[str, Any]] = (inbox.get("notifications") or {}).get("nodes", [])
                if len(nodes) >= count:
                    return nodes
                await asyncio.sleep(0.05)

    async def post(self, body: object, headers: Mapping[str, str]) -> dict[str, Any]:
        url = f"http://{LOOPBACK}:{self.port}/graphql"
        async with aiohttp.ClientSession() as client, client.post(url, json=body, headers=headers) as answer:
            content: dict[str, Any] = await answer.json()
            return content

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self.process is None:
            raise RuntimeError("not started")
        return self.process


@asynccontextmanager
async def surroundings(mongo_url: str, kafka_bootstrap: str, logs: Path) -> AsyncIterator[Surroundings]:
    """Everything but the process; whatever was started ends with the block."""
    gateway, own = new_seed(), new_seed()
    auth, topics = ScriptedAuth(), [*CONSUMED, NotificationCreated.TOPIC]
    await ensure_topics([kafka_bootstrap], topics)
    verifier = InternalVerifier([public_of(own)], "auth")
    register = [partial(add_AuthServiceServicer_to_server, auth)]
    publisher = Publisher([kafka_bootstrap], topics, "test")
    async with server(register, verifier, LOOPBACK, 0) as rpc:
        environment = {
            "PATH": os.environ["PATH"],
            "TASKFLOW_MONGO_URL": mongo_url,
            "TASKFLOW_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "TASKFLOW_AUTH_GRPC": f"{LOOPBACK}:{rpc.port}",
            "TASKFLOW_INTERNAL_SIGNING_KEY": own,
            "TASKFLOW_INTERNAL_TRUSTED_KEYS": public_of(gateway),
            "TASKFLOW_VAPID_PRIVATE_KEY": VAPID_KEY,
            "TASKFLOW_PUSH_ALLOW_PRIVATE": "true",
        }
        tokens = InternalTokens(gateway, "gateway")
        around = Surroundings(environment, auth, publisher, kafka_bootstrap, tokens, logs)
        try:
            yield around
        finally:
            for instance in around.started:
                await instance.kill()
            await publisher.aclose()
