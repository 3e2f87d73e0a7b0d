"""Clients of a fault run: they create tasks and watch them through the gateways, and only ever report what they saw."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportError

from tests.fault.history import Outcome, Recorder

ANSWER_SECONDS = 10.0
PAUSE_SECONDS = 0.2
# Codes that leave open whether the call took effect; all others are a definite no.
UNDECIDED = frozenset({"UNAVAILABLE", "TIMEOUT", "INTERNAL"})

CREATE = """mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } } }"""
CHANGES = """subscription ($project: ID!, $after: ID) {
  taskChanged(projectId: $project, after: $after) { eventId task { id } }
}"""
TASKS = """query ($project: ID!, $after: String) {
  project(id: $project) { tasks(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
}"""
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) { accessToken } }"""


class Unanswered(Exception):
    """Nobody knows whether the call took effect."""


class Refused(Exception):
    """A definite no with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(slots=True)
class Api:
    """GraphQL over HTTP, the gateways in turn."""

    http: aiohttp.ClientSession
    gateways: list[str]
    turns: Iterator[int] = field(default_factory=itertools.count)

    async def call(self, document: str, variables: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """The data. Raises Refused, or Unanswered when there is no answer or none that decides."""
        url = self.gateways[next(self.turns) % len(self.gateways)]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        try:
            limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
            async with self.http.post(url + "/graphql", json=body, headers=headers, timeout=limit) as response:
                content = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unanswered(repr(error)) from error
        if errors := content.get("errors"):
            code = errors[0].get("extensions", {}).get("code", "INTERNAL")
            if code in UNDECIDED or code.startswith(("SUBREQUEST", "SUBGRAPH", "GATEWAY")):
                raise Unanswered(f"{code}: {errors[0]['message']}")
            raise Refused(code, errors[0]["message"])
        data: dict[str, Any] = content["data"]
        return data


@dataclass(slots=True)
class Account:
    """Someone who logs in again when the session is gone (a loss of Redis)."""

    api: Api
    email: str
    password: str
    token: str = ""
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """As `Api.call`, as this person."""
        used = self.token
        try:
            return await self.api.call(document, variables, used)
        except Refused as refusal:
            if refusal.code not in ("UNAUTHENTICATED", "SESSION_ENDED", "TOKEN_EXPIRED", "TOKEN_INVALID"):
                raise
        await self.renew(used)
        return await self.api.call(document, variables, self.token)

    async def renew(self, used: str) -> None:
        """Logs in, unless somebody else did since `used` was read. Raises Unanswered."""
        async with self._renewing:
            if self.token == used:
                answer = await self.api.call(LOGIN, {"input": {"email": self.email, "password": self.password}})
                self.token = answer["login"]["accessToken"]


@dataclass(frozen=True, slots=True)
class Creator:
    """Creates tasks one after another at a steady pace, whatever the answers are."""

    name: str
    account: Account
    recorder: Recorder
    project: str
    assignee: str
    due_in: timedelta

    async def create(self, count: int, every_seconds: float) -> None:
        """Makes `count` calls; each is recorded before it is made and when it ended."""
        began = asyncio.get_running_loop().time()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number * every_seconds - asyncio.get_running_loop().time()))
            await self._create_one(f"{self.name}-{number}")

    async def _create_one(self, title: str) -> None:
        due_at = datetime.now(UTC) + self.due_in
        given = {
            "projectId": self.project,
            "title": title,
            "assigneeIds": [self.assignee],
            "dueAt": due_at.isoformat(),
        }
        self.recorder.invoke(title, self.name, due_at)
        try:
            answer = await self.account.call(CREATE, {"input": given})
        except Unanswered as error:
            self.recorder.end(title, Outcome.INFO, error=str(error))
        except Refused as error:
            self.recorder.end(title, Outcome.FAIL, error=str(error))
        else:
            self.recorder.end(title, Outcome.OK, answer["taskCreate"]["task"]["id"])


@dataclass(slots=True)
class Watcher:
    """Follows a project's changes on one gateway: resumes behind the last event, reads afresh when told of a gap."""

    account: Account
    gateway: str
    project: str
    seen: set[str] = field(default_factory=set)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    reconnections: int = -1
    _last: str | None = None

    async def follow(self) -> None:
        """Runs until it is cancelled."""
        while True:
            try:
                await self._follow_once()
            except (TransportError, aiohttp.ClientError, OSError, TimeoutError, Unanswered, Refused):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _follow_once(self) -> None:
        used = self.account.token
        transport = AIOHTTPWebsocketsTransport(
            self.gateway.replace("http", "ws", 1) + "/graphql",
            subprotocols=["graphql-transport-ws"],
            init_payload={"authorization": f"Bearer {used}"},
            heartbeat=5,
        )
        try:
            await self._read(transport)
        except TransportError as error:
            if "4403" in str(error) or "Forbidden" in str(error):
                await self.account.renew(used)
            raise

    async def _read(self, transport: AIOHTTPWebsocketsTransport) -> None:
        async with Client(transport=transport) as session:
            self.reconnections += 1
            self.connected.set()
            request = gql(CHANGES)
            request.variable_values = {"project": self.project, "after": self._last}
            async for result in session.subscribe(request, get_execution_result=True):
                if result.errors:
                    await self._read_afresh()
                if result.data:
                    self.seen.add(result.data["taskChanged"]["task"]["id"])
                    self._last = result.data["taskChanged"]["eventId"]

    async def _read_afresh(self) -> None:
        after: str | None = None
        while True:
            data = await self.account.call(TASKS, {"project": self.project, "after": after})
            page = data["project"]["tasks"]
            self.seen.update(node["id"] for node in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]
