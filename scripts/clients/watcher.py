"""Someone who keeps a project's changes on the screen, whatever happens to connections and processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportError

from scripts.clients.api import Account, Refused, Unanswered

PAUSE_SECONDS = 0.2
CHANGES = """subscription ($project: ID!, $after: ID) {
  taskChanged(projectId: $project, after: $after) { eventId task { id } }
}"""
TASKS = """query ($project: ID!, $after: String) {
  project(id: $project) { tasks(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
}"""


@dataclass(slots=True)
class Watcher:
    """Follows a project's changes on one gateway: resumes behind the last event, reads afresh when told of a gap.

    It begins behind an event that nobody knows, so the first thing it is told is a gap: then it is surely listening.
    """

    account: Account
    gateway: str
    project: str
    on_task: Callable[[str], None] = lambda _: None
    seen: set[str] = field(default_factory=set)
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    reconnections: int = -1
    _last: str = "nothing-yet"

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
            session=self.account.api.http,  # one of its own is left open when a connection is refused
        )
        try:
            await self._read(transport)
        except TransportError as error:
            if "4403" in str(error) or "Forbidden" in str(error):
                await self.account.renew(used)
            raise

    async def _read(self, transport: AIOHTTPWebsocketsTransport) -> None:
        async with Client(transport=transport):
            self.reconnections += 1
            request = gql(CHANGES)
            request.variable_values = {"project": self.project, "after": self._last}
            # The session's own iterator ends at the first error, but a stream goes on behind a gap.
            async for result in transport.subscribe(request):
                if result.errors:
                    await self._read_afresh()
                self.listening.set()
                if result.data:
                    task = result.data["taskChanged"]["task"]["id"]
                    self.on_task(task)
                    self.seen.add(task)
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
