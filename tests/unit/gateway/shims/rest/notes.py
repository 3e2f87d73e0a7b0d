"""A gateway over one subgraph of notes, with routes of its own: what the shim does for any routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync

from gateway.composition import SubgraphInput, compose
from gateway.executor.ports import Caller, SubgraphCall
from gateway.pipeline.engine import Engine
from gateway.pipeline.generations import Generations
from gateway.planner.plan import Planner
from gateway.server.asgi import Gateway
from gateway.server.operations import Operations
from gateway.server.ports import ForwardedHeaders, ForwardingIdentity
from gateway.shims.rest.endpoint import PREFIX, RestShim
from gateway.shims.rest.routes import Route
from gateway.supergraph.parse import parse_supergraph
from tests.unit.gateway.executor.scripted_subgraphs import ScriptedClient

SDL = """
type Query { note(id: ID!): Note notes(first: Int, after: String, done: Boolean! = false): Notes! first: Note }
type Mutation { add(input: AddInput!): Added! change(input: ChangeInput!): Added! }
type Added { note: Note! }
type Note { id: ID! text: String! kind: Kind! version: Int! }
type Notes { nodes: [Note!]! pageInfo: PageInfo! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
input AddInput { text: String!, kind: Kind! = PLAIN }
input ChangeInput { id: ID!, text: String, expectedVersion: Int = null }
enum Kind { PLAIN BOLD }
"""
NOTE = "id text kind version"
ROUTES = (
    Route(
        method="POST",
        path="/notes",
        operation=f"mutation ($input: AddInput!) {{ add(input: $input) {{ note {{ {NOTE} }} }} }}",
        result=("add", "note"),
        summary="Add",
        tag="notes",
        status=201,
        location="/notes/{id}",
        versioned=True,
    ),
    Route(
        method="GET",
        path="/notes/{id}",
        operation=f"query ($id: ID!) {{ note(id: $id) {{ {NOTE} }} }}",
        result=("note",),
        summary="Read",
        tag="notes",
        versioned=True,
    ),
    Route(
        method="PATCH",
        path="/notes/{id}",
        operation=f"mutation ($input: ChangeInput!) {{ change(input: $input) {{ note {{ {NOTE} }} }} }}",
        result=("change", "note"),
        summary="Change",
        tag="notes",
        into_input={"id": "id"},
        versioned=True,
    ),
    Route(
        method="GET",
        path="/notes",
        operation=f"""query ($first: Int, $after: String, $done: Boolean! = false) {{
          notes(first: $first, after: $after, done: $done) {{ nodes {{ {NOTE} }} pageInfo {{ hasNextPage endCursor }} }}
        }}""",
        result=("notes",),
        summary="List",
        tag="notes",
        paged=True,
    ),
    Route(
        method="GET",
        path="/notes/first",
        operation=f"query {{ first {{ {NOTE} }} }}",
        result=("first",),
        summary="The first",
        tag="notes",
        public=True,
    ),
)


@dataclass
class Notes:
    """The subgraph: notes by id, the requests it saw, and an error to answer with instead."""

    texts: dict[str, str] = field(default_factory=lambda: {"1": "milk"})
    version: int = 7
    error: GraphQLError | None = None
    expected: list[object] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def answer(self, call: SubgraphCall, body: dict[str, Any]) -> dict[str, Any]:
        root = {"note": self.note, "notes": self.page, "first": lambda _: self._note("1")}
        writes = {"add": self.add, "change": self.change}
        asked = build_schema(SDL)
        return dict(
            graphql_sync(asked, body["query"], {**root, **writes}, variable_values=body.get("variables")).formatted
        )

    def note(self, _: object, id: str) -> dict[str, Any] | None:  # noqa: A002 (the argument's name)
        if self.error is not None:
            raise self.error
        return self._note(id) if id in self.texts else None

    def page(self, _: object, **asked: Any) -> dict[str, Any]:
        more = asked.get("after") is None
        return {"nodes": [self._note("1")], "pageInfo": {"hasNextPage": more, "endCursor": "c 1"}}

    def add(self, _: object, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        self.texts["2"] = input["text"]
        return {"note": self._note("2")}

    def change(self, _: object, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        self.expected.append(input["expectedVersion"])
        if input["expectedVersion"] not in (None, self.version):
            raise refusal("VERSION_CONFLICT", "conflict")
        self.texts[input["id"]] = input.get("text") or self.texts[input["id"]]
        return {"note": self._note(input["id"])}

    def _note(self, key: str) -> dict[str, Any]:
        return {"id": key, "text": self.texts[key], "kind": "PLAIN", "version": self.version}


def refusal(code: str, kind: str, **fields: Any) -> GraphQLError:
    """What a subgraph of ours refuses with."""
    return GraphQLError("It was refused.", extensions={"code": code, "kind": kind, "fields": fields})


class Noting(ForwardingIdentity):
    """Notes the headers by which a caller was established."""

    def __init__(self, seen: list[Mapping[str, str]]) -> None:
        super().__init__()
        self._seen = seen

    async def of_request(self, headers: Mapping[str, str], address: str | None) -> Caller:
        self._seen.append(headers)
        return ForwardedHeaders(())


def serve(notes: Notes, *, loaded: bool = True) -> Gateway:
    """The application; without its graph when that is not `loaded`."""
    generations = Generations()
    if loaded:
        sdl = compose([SubgraphInput(name="notes", sdl=SDL, url="http://notes/graphql")]).supergraph_sdl
        assert sdl is not None
        supergraph = parse_supergraph(sdl)
        engine = Engine(supergraph.api_schema, Planner(supergraph).plan, ScriptedClient(notes.answer))
        generations.swap(engine, _nothing)
    operations = Operations(generations)
    rest = RestShim(operations, Noting(notes.headers), ROUTES)
    return Gateway(rest, {PREFIX: rest})


async def _nothing() -> None:
    """There is nothing to close."""
