"""A gateway over one scripted subgraph, called as an ASGI application in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import build_schema, graphql_sync

from gateway.executor.ports import SubgraphCall, SubgraphClient
from gateway.pipeline.engine import Engine, EngineOptions
from gateway.pipeline.generations import Generations
from gateway.pipeline.ports import SourceEvent, SourceRequest
from gateway.pipeline.prepare import PrepareOptions
from gateway.pipeline.subscribe import SubscriptionGraph
from gateway.planner.plan import Planner
from gateway.server.asgi import Gateway
from gateway.server.operations import Operations
from gateway.server.ports import ForwardingIdentity, Identity, RequestLimiter
from gateway.server.view import GatewayView, ViewOptions
from gateway.supergraph.parse import parse_supergraph
from tests.unit.gateway.executor.scripted_subgraphs import ScriptedClient

SDL = """
type Query { hello(name: String = "you"): String, fail: String, strict: Int!, numbers: [Int] }
type Mutation { shout(text: String!): String }
type Subscription { ticks(to: Int!): Tick }
type Tick { id: ID! number: Int label(of: String): String }
"""

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{ query: Query mutation: Mutation subscription: Subscription }
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(
  graph: join__Graph! key: join__FieldSet extension: Boolean! = false resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(
  graph: join__Graph requires: join__FieldSet provides: join__FieldSet type: String external: Boolean override: String
  usedOverridden: Boolean
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @link(url: String as: String for: link__Purpose import: [link__Import]) repeatable on SCHEMA
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { ONE @join__graph(name: "one", url: "http://one/graphql") }
type Query @join__type(graph: ONE) {
  hello(name: String = "you"): String @join__field(graph: ONE)
  fail: String @join__field(graph: ONE)
  strict: Int! @join__field(graph: ONE)
  numbers: [Int] @join__field(graph: ONE)
}
type Mutation @join__type(graph: ONE) { shout(text: String!): String @join__field(graph: ONE) }
type Subscription @join__type(graph: ONE) { ticks(to: Int!): Tick @join__field(graph: ONE) }
type Tick @join__type(graph: ONE, key: "id") { id: ID! number: Int label(of: String): String }
"""


def _fail(*_: Any) -> str:
    raise ValueError("resolver broke")


def answer(call: SubgraphCall, body: dict[str, Any]) -> dict[str, Any]:
    """The subgraph."""
    schema = build_schema(SDL)
    if "_entities" in body["query"]:
        sent = next(iter(body["variables"].values()))
        return {"data": {"_e0": [{"number": int(item["id"]) * 10, "label": "full"} for item in sent]}}
    root = {"hello": lambda _, name: f"hello {name}", "fail": _fail, "strict": lambda *_: 1, "numbers": lambda *_: [1]}
    shouting = {"shout": lambda _, text: text.upper()}
    result = graphql_sync(schema, body["query"], {**root, **shouting}, variable_values=body.get("variables"))
    return dict(result.formatted)


class Ticks:
    """A source of events that a test feeds; `opened` counts subscribers so far, `closed` those that left."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[SourceEvent | Exception | None] = asyncio.Queue()
        self.requests: list[SourceRequest] = []
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()

    async def open(self, request: SourceRequest) -> AsyncIterator[SourceEvent]:
        self.requests.append(request)
        self.opened.set()
        try:
            while (event := await self.queue.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.closed.set()


@dataclass(slots=True)
class Served:
    """The application and what stands behind it."""

    app: Gateway
    generations: Generations
    client: ScriptedClient
    ticks: Ticks
    closed: list[str] = field(default_factory=list)


def engine(client: SubgraphClient, ticks: Any, *, seconds: float = 5.0, **prepare: Any) -> Engine:
    supergraph = parse_supergraph(SUPERGRAPH)
    planner = Planner(supergraph)
    return Engine(
        supergraph.api_schema,
        planner.plan,
        client,
        options=EngineOptions(prepare=PrepareOptions(**prepare), seconds=seconds),
        subscriptions=SubscriptionGraph(
            schema=supergraph.api_schema, keys=lambda *_: [("id",)], directives={}, source=ticks
        ),
    )


def serve(
    *,
    identity: Identity | None = None,
    script: Callable[[SubgraphCall, dict[str, Any]], Any] = answer,
    view: Mapping[str, Any] | None = None,
    limiter: RequestLimiter | None = None,
    **prepare: Any,
) -> Served:
    """An application with one generation loaded."""
    client, ticks, generations = ScriptedClient(script), Ticks(), Generations()
    closed: list[str] = []

    async def close() -> None:
        closed.append("first")

    generations.swap(engine(client, ticks, **prepare), close)
    options = ViewOptions(**(view or {}))
    app = Gateway(GatewayView(Operations(generations, limiter=limiter), identity or ForwardingIdentity(), options))
    return Served(app, generations, client, ticks, closed)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


async def call(
    app: Gateway,
    method: str = "POST",
    path: str = "/graphql",
    *,
    body: bytes | dict[str, Any] = b"",
    query: str = "",
    headers: Mapping[str, str] | None = None,
    chunks: int = 1,
) -> Response:
    """One HTTP request, start to end."""
    content = orjson.dumps(body) if isinstance(body, dict) else body
    sent = {"content-type": "application/json"} | dict(headers or {}) if method == "POST" else dict(headers or {})
    size = max(1, -(-len(content) // chunks))
    parts = [content[i : i + size] for i in range(0, len(content), size)] or [b""]
    pending = [{"type": "http.request", "body": part, "more_body": i + 1 < len(parts)} for i, part in enumerate(parts)]
    messages: list[dict[str, Any]] = []
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if pending:
            return pending.pop(0)
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": raw,
        "client": ("10.0.0.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "asgi": {"version": "3.0", "spec_version": "2.3"},
    }
    await app(scope, receive, send)
    head = messages[0]
    found = {name.decode().lower(): value.decode() for name, value in head["headers"]}
    return Response(head["status"], found, b"".join(m.get("body", b"") for m in messages[1:]))
