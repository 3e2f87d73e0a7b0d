"""Owns a person at the screen: GraphQL over HTTP by httpx2, graphql-transport-ws by gql, none of them ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportError

Event = dict[str, Any]


class Unseen(Exception):
    """Something that had to be observed was not."""


@dataclass(slots=True)
class Stream:
    """What a subscription has brought so far."""

    name: str
    events: list[Event] = field(default_factory=list)
    ended: str | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def expect(self, what: str, fits: Callable[[Event], bool], seconds: float) -> Event:
        """The first event that fits, also an earlier one. Raises Unseen."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._news.clear()
                    for event in self.events:
                        if fits(event):
                            return event
                    if self.ended is not None:
                        raise Unseen(f"{what}: {self.name} ended: {self.ended}")
                    await self._news.wait()
        except TimeoutError:
            raise Unseen(f"{what}: not on {self.name} within {seconds} s; it brought {self.events}") from None

    def count(self, fits: Callable[[Event], bool]) -> int:
        return sum(1 for event in self.events if fits(event))

    def add(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    def end(self, reason: str) -> None:
        self.ended = reason
        self.over.set()
        self._news.set()


@dataclass(slots=True)
class Person:
    """Someone with an address, a password and, once logged in, tokens."""

    name: str
    email: str
    password: str
    gateway: str
    http: httpx2.AsyncClient
    user_id: str = ""
    access: str = ""
    refresh: str = ""

    async def answer(self, document: str, variables: Mapping[str, Any] | None = None, gateway: str = "") -> Event:
        """The whole reply, errors and all."""
        headers = {"authorization": f"Bearer {self.access}"} if self.access else {}
        body = {"query": document, "variables": dict(variables or {})}
        response = await self.http.post((gateway or self.gateway) + "/graphql", json=body, headers=headers)
        content: Event = response.json()
        return content

    async def do(self, document: str, **variables: Any) -> Event:
        """The data. Raises Unseen when there is an error."""
        content = await self.answer(document, variables)
        if content.get("errors"):
            raise Unseen(f"{self.name} was refused: {content['errors']}")
        data: Event = content["data"]
        return data

    async def refused(self, document: str, gateway: str = "", **variables: Any) -> Event:
        """The first error. Raises Unseen when there is none."""
        content = await self.answer(document, variables, gateway)
        if not content.get("errors"):
            raise Unseen(f"{self.name} was not refused: {content}")
        error: Event = content["errors"][0]
        return error


@dataclass(slots=True)
class Socket:
    """One open graphql-transport-ws connection with its subscriptions."""

    session: AsyncClientSession
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def subscribe(self, name: str, document: str, **variables: Any) -> Stream:
        """What the subscription brings is collected until it ends."""
        stream = Stream(name)
        self.tasks.append(asyncio.create_task(self._collect(stream, document, variables)))
        return stream

    async def _collect(self, stream: Stream, document: str, variables: Mapping[str, Any]) -> None:
        request = gql(document)
        request.variable_values = dict(variables)
        try:
            async for result in self.session.subscribe(request, get_execution_result=True):
                if result.errors or result.data is None:
                    stream.end(f"refused: {result.errors}")
                    return
                stream.add(next(iter(result.data.values())))
            stream.end("completed")
        except TransportError as error:
            stream.end(f"{type(error).__name__}: {error}")


@asynccontextmanager
async def connected(person: Person) -> AsyncIterator[Socket]:
    """A socket of the person for the length of a block."""
    transport = AIOHTTPWebsocketsTransport(
        person.gateway.replace("http", "ws", 1) + "/graphql",
        subprotocols=[AIOHTTPWebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        init_payload={"authorization": f"Bearer {person.access}"},
    )
    async with Client(transport=transport) as session:
        socket = Socket(session)
        try:
            yield socket
        finally:
            for task in socket.tasks:
                task.cancel()
            await asyncio.gather(*socket.tasks, return_exceptions=True)
