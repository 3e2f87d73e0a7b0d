"""What a subgraph answers over HTTP, to the gateway and to anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
import strawberry
from strawberry.types import Info

from kit.errors import DomainError
from kit.graphql import Connection, SubgraphSchema, connection, encode_cursor, page_request, sdl, subgraph_app
from kit.identity import HEADER, Caller, InternalTokens, InternalVerifier, new_seed, public_of
from kit.resilience import TIMEOUT_HEADER, Deadline

SEED = new_seed()


class Standing:
    """A clock that stands still: a token is as good at the end of a slow test as at its start."""

    def now(self) -> datetime:
        return datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


CLOCK = Standing()
TOKENS = InternalTokens(SEED, "gateway", CLOCK)


@strawberry.federation.type(keys=["id"])
class Thing:
    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Thing:  # noqa: A002 (the representation's field)
        return Thing(id=id)


@strawberry.type
class Query:
    @strawberry.field
    def service(self, info: Info[Caller]) -> str:
        return info.context.service

    @strawberry.field
    def refused(self) -> int | None:
        raise DomainError.of("VERSION_CONFLICT", "It changed.", expected=1, actual=2)

    @strawberry.field
    def broken(self) -> int | None:
        raise RuntimeError("secret: the database is at 10.0.0.1")

    @strawberry.field
    def seconds_left(self) -> float | None:
        deadline = Deadline.current()
        return deadline.remaining if deadline else None

    @strawberry.field
    async def slow(self) -> int | None:
        await asyncio.Event().wait()
        return 1

    @strawberry.field
    def things(self, first: int | None = None, after: str | None = None) -> Connection[Thing]:
        page = page_request(first, after)
        return connection(
            [Thing(id=strawberry.ID(str(n))) for n in range(page.first)],
            node=lambda thing: thing,
            cursor=lambda thing: encode_cursor("things", thing.id),
            has_more=True,
            after=after,
        )


SCHEMA = SubgraphSchema(query=Query, types=[Thing])


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    verifier = InternalVerifier([public_of(SEED)], "task", CLOCK)
    app = subgraph_app(SCHEMA, verifier, context=lambda caller: caller)
    transport = httpx2.ASGITransport(app=app)
    headers = {HEADER: TOKENS.mint(None, "task")}
    async with httpx2.AsyncClient(transport=transport, base_url="http://task", headers=headers) as opened:
        yield opened


async def ask(client: httpx2.AsyncClient, query: str, **headers: str) -> Any:
    return (await client.post("/graphql", json={"query": query}, headers=headers)).json()


async def test_the_caller_reaches_the_resolvers(client: httpx2.AsyncClient) -> None:
    assert await ask(client, "{ service }") == {"data": {"service": "gateway"}}


@pytest.mark.parametrize("query", ["{ service }", "{ _service { sdl } }", "{ __typename }"])
@pytest.mark.parametrize("token", ["", "junk", InternalTokens(new_seed(), "gateway", CLOCK).mint(None, "task")])
async def test_nobody_without_the_gateways_credential_is_answered(
    client: httpx2.AsyncClient, query: str, token: str
) -> None:
    response = await client.post("/graphql", json={"query": query}, headers={HEADER: token})
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "GATEWAY_REQUIRED"
    assert "data" not in response.json()


async def test_a_domain_error_keeps_its_code_kind_and_fields(client: httpx2.AsyncClient) -> None:
    response = await ask(client, "{ refused }")
    error = response["errors"][0]
    assert response["data"] == {"refused": None}
    assert error["path"] == ["refused"]
    assert error["extensions"]["code"] == "VERSION_CONFLICT"
    assert error["extensions"]["kind"] == "conflict"
    assert error["extensions"]["fields"] == {"expected": 1, "actual": 2}


async def test_a_fault_of_ours_is_masked(client: httpx2.AsyncClient) -> None:
    text = (await client.post("/graphql", json={"query": "{ broken }"})).text
    assert '"INTERNAL"' in text
    assert "secret" not in text
    assert "10.0.0.1" not in text


@pytest.mark.parametrize(
    ("query", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_a_document_that_does_not_fit_is_refused_without_data(
    client: httpx2.AsyncClient, query: str, code: str
) -> None:
    response = await ask(client, query)
    assert response["errors"][0]["extensions"]["code"] == code
    assert "data" not in response


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"query": 1}', b'{"query": "{ service }", "variables": []}', b"\xff"]
)
async def test_a_body_that_is_no_request_is_refused(client: httpx2.AsyncClient, body: bytes) -> None:
    response = await client.post("/graphql", content=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"


async def test_a_body_beyond_the_limit_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", content=b"x" * (4 * 1024 * 1024 + 1))
    assert response.status_code == 400


async def test_the_callers_deadline_ends_the_operation(client: httpx2.AsyncClient) -> None:
    response = await ask(client, "{ slow }", **{TIMEOUT_HEADER: "20"})
    assert response["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_calls_made_by_a_resolver_inherit_the_deadline(client: httpx2.AsyncClient) -> None:
    response = await ask(client, "{ secondsLeft }", **{TIMEOUT_HEADER: "5000"})
    assert 4 < response["data"]["secondsLeft"] <= 5


async def test_other_methods_and_paths_do_not_exist(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/graphql")).status_code == 405
    assert (await client.get("/other")).status_code == 404


async def test_connections_have_edges_nodes_and_page_info(client: httpx2.AsyncClient) -> None:
    query = "{ things(first: 1) { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage endCursor } } }"
    cursor = encode_cursor("things", "0")
    assert (await ask(client, query))["data"]["things"] == {
        "edges": [{"cursor": cursor, "node": {"id": "0"}}],
        "nodes": [{"id": "0"}],
        "pageInfo": {"hasNextPage": True, "endCursor": cursor},
    }


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_size_out_of_bounds_is_refused(client: httpx2.AsyncClient, first: int) -> None:
    response = await ask(client, f"{{ things(first: {first}) {{ nodes {{ id }} }} }}")
    assert response["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_the_sdl_names_the_federation_version_and_shares_page_info() -> None:
    text = sdl(SCHEMA)
    assert "specs.apollo.dev/federation/v2" in text
    assert "type PageInfo @shareable" in text
    assert "type ThingConnection" in text
