"""Arguments from contexts: every object gets what the nearest object above it hands down, whichever executor asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from graphql import GraphQLResolveInfo, execute_sync, parse, validate

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphCall, SubgraphReply
from gateway.executor.run import Outcome, Request
from gateway.planner.errors import NoPath
from gateway.planner.plan import Planner
from gateway.planner.soundness import check_soundness
from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.subgraph_schema import build_subgraph_schema
from tests.unit.gateway.executor.scripted_subgraphs import Nobody

Json = Any

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", '
    'import: ["@key", "@context", "@fromContext", "@external", "@requires"])\n'
)
ACCOUNTS = """
type Query { users: [User] team: Team holders: [Holder] }
union Holder = User | Team
type User @key(fields: "id") @context(name: "money") {
  id: ID!
  currency: String
  friends: [User]
  last: Transaction
  all: [[Transaction]]
}
type Team @key(fields: "id") @context(name: "money") { id: ID! currency: String unit: String last: Transaction }
type Transaction @key(fields: "id") {
  id: ID!
  amount(code: String @fromContext(field: "$money { currency }"), digits: Int): String
  label(unit: String @fromContext(field: "$money ... on User { currency } ... on Team { unit }")): String
  by: Author
}
type Author @key(fields: "id") {
  id: ID!
  paid(code: String @fromContext(field: "$money { currency }")): String
}
"""
CARDS = """
type Query { cards: [Card] }
type Card @key(fields: "id") @context(name: "card") { id: ID! limit: Int! nick: String uses: [Use] }
type Use @key(fields: "id") {
  id: ID!
  share(limit: Int! @fromContext(field: "$card { limit }"), nick: String @fromContext(field: "$card { nick }")): String
}
"""
NOTES = """
type Query { pinned: [Card] }
type Card @key(fields: "id") { id: ID! last: Use }
type Use @key(fields: "id") { id: ID! }
type Transaction @key(fields: "id") { id: ID! note: String writer: Author }
type Author @key(fields: "id") { id: ID! }
"""


def said(name: str) -> Any:
    """A resolver that tells what it was given."""
    return lambda source, **given: f"{name} of {source['id']} {json.dumps(given, sort_keys=True)}"


TRANSACTIONS = {
    number: {
        "__typename": "Transaction", "id": number, "amount": said("amount"), "label": said("label"),
        "by": {"__typename": "Author", "id": "a1", "paid": said("paid")},
    }
    for number in ("t1", "t2", "t3")
}  # fmt: skip
TEAM = {"__typename": "Team", "id": "m1", "currency": "GBP", "unit": "pence", "last": TRANSACTIONS["t1"]}


def user(number: str, currency: str | None, **more: Json) -> dict[str, Json]:
    return {"__typename": "User", "id": number, "currency": currency, "last": TRANSACTIONS["t1"], **more}


USE = {"__typename": "Use", "id": "u1", "share": said("share")}
CARD: dict[str, Json] = {
    "__typename": "Card", "id": "c1", "nick": "blue", "limit": 7,
    "uses": [USE, None],
}  # fmt: skip
FRIEND = user("2", "EUR", all=[[TRANSACTIONS["t1"], None], None, [TRANSACTIONS["t2"]]])
USERS = [user("1", "USD", friends=[FRIEND, None], all=[[TRANSACTIONS["t1"]]]), FRIEND, None, user("3", None)]
DATA: dict[str, dict[str, Json]] = {
    "accounts": {"users": USERS, "team": TEAM, "holders": [USERS[0], TEAM]},
    "cards": {"cards": [CARD, {**CARD, "id": "c2", "limit": 9, "nick": None}, {**CARD, "id": "c3", "limit": None}]},
    "notes": {"pinned": [{"id": "c1", "last": USE}, {"id": "gone", "last": USE}]},
}
ENTITIES: dict[tuple[str, str, str], Json] = {
    **{("accounts", "Transaction", number): each for number, each in TRANSACTIONS.items()},
    **{("notes", "Transaction", number): {"note": number, "writer": {"id": "a1"}} for number in TRANSACTIONS},
    ("accounts", "Author", "a1"): TRANSACTIONS["t1"]["by"],
    ("cards", "Use", "u1"): USE,
    ("cards", "Card", "c1"): CARD,
}  # fmt: skip


class Subgraphs:
    """Three subgraphs that answer from `DATA`; every request is kept."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._schemas = {name: build_subgraph_schema(LINK + sdl) for name, sdl in sources.items()}
        self.requests: list[tuple[str, dict[str, Json]]] = []

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        body = json.loads(call.body)
        self.requests.append((call.service, body))
        schema, document = self._schemas[call.service], parse(body["query"])
        assert validate(schema, document) == [], body["query"]

        def resolve(source: Json, info: GraphQLResolveInfo[Any], **given: Json) -> Json:
            if info.field_name == "_entities":
                keys = [(call.service, each["__typename"], each["id"]) for each in given["representations"]]
                return [
                    {"__typename": key[1], "id": key[2], **ENTITIES[key]} if key in ENTITIES else None for key in keys
                ]
            value = source.get(info.field_name)
            return value(source, **given) if callable(value) else value

        result = execute_sync(
            schema, document, DATA[call.service], variable_values=body.get("variables"), field_resolver=resolve,
            type_resolver=lambda value, *_: str(value["__typename"]),
        )  # fmt: skip
        reply: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        reply.set_result(SubgraphReply(200, orjson.dumps(result.formatted)))
        return reply


SOURCES = {"accounts": ACCOUNTS, "notes": NOTES, "cards": CARDS}


def supergraph_sdl() -> str:
    listed = [{"name": name, "url": "http://subgraph.test", "sdl": LINK + sdl} for name, sdl in SOURCES.items()]
    composition = compose(from_json(json.dumps(listed).encode(), "the test"))
    assert composition.supergraph_sdl is not None, [error.message for error in composition.errors]
    return composition.supergraph_sdl


PLANNER = Planner(parse_supergraph(supergraph_sdl()))


async def run(query: str, **variables: Json) -> tuple[Outcome, list[tuple[str, dict[str, Json]]]]:
    """The answer, the same from both executors, and the requests it took."""
    document = parse(query)
    assert validate(PLANNER.supergraph.api_schema, document) == []
    stages = PLANNER.stages(document)
    assert check_soundness(PLANNER.supergraph, stages.operation, stages.plan) == []
    plain, fast = Subgraphs(SOURCES), Subgraphs(SOURCES)
    outcome = await reference.execute(stages.plan, Request(variables, variables, Nobody(), 10.0), plain)
    compiled = await compile_plan(stages.plan).execute(Request(variables, variables, Nobody(), 10.0), fast)
    assert orjson.loads(orjson.dumps(compiled.data)) == outcome.data
    assert compiled.errors == outcome.errors
    assert fast.requests == plain.requests
    return outcome, plain.requests


def given(name: str, number: str, **values: Json) -> str:
    """What a contextual field answers when it is given these values."""
    return f"{name} of {number} {json.dumps(values, sort_keys=True)}"


async def test_each_object_gets_the_value_of_the_one_above_it_and_all_are_asked_in_one_request() -> None:
    outcome, requests = await run("{ users { id last { amount note } } }")
    amounts = [each and each["last"]["amount"] for each in outcome.data["users"]]
    assert amounts == [given("amount", "t1", code=code) for code in ("USD", "EUR")] + [None] + [
        given("amount", "t1", code=None)
    ]
    assert [service for service, _ in requests] == ["accounts", "accounts", "notes"]


async def test_objects_with_the_same_value_share_a_call() -> None:
    outcome, requests = await run("{ users { all { amount } friends { all { amount } } } }")
    assert outcome.data["users"][0]["friends"][0]["all"] == [
        [{"amount": given("amount", "t1", code="EUR")}, None], None, [{"amount": given("amount", "t2", code="EUR")}],
    ]  # fmt: skip
    assert outcome.data["users"][0]["all"] == [[{"amount": given("amount", "t1", code="USD")}]]
    variables = requests[1][1]["variables"]
    assert {len(value) for name, value in variables.items() if name.startswith("_r")} == {1, 2}
    assert len(variables) == 4


async def test_the_nearest_object_that_sets_the_context_counts() -> None:
    outcome, _ = await run("{ users { friends { last { amount } } last { amount } } }")
    first = outcome.data["users"][0]
    assert first["friends"][0]["last"]["amount"] == given("amount", "t1", code="EUR")
    assert first["last"]["amount"] == given("amount", "t1", code="USD")


async def test_each_type_that_sets_the_context_selects_its_own_field() -> None:
    outcome, _ = await run("{ holders { ... on User { last { label } } ... on Team { last { label } } } }")
    labels = [each["last"]["label"] for each in outcome.data["holders"]]
    assert labels == [given("label", "t1", unit="USD"), given("label", "t1", unit="pence")]


async def test_several_values_of_one_object_go_together() -> None:
    outcome, _ = await run("{ cards { uses { share } } }")
    shares = [each and each["uses"][0]["share"] for each in outcome.data["cards"]]
    assert shares == [given("share", "u1", limit=7, nick="blue"), given("share", "u1", limit=9, nick=None), None]


async def test_an_object_without_a_required_value_is_not_asked_for() -> None:
    outcome, requests = await run("{ pinned { last { id share } } }")
    assert outcome.data["pinned"][0]["last"]["share"] == given("share", "u1", limit=7, nick="blue")
    assert outcome.data["pinned"][1] == {"last": {"id": "u1", "share": None}}
    assert "_r0_1" not in requests[-1][1]["variables"]


async def test_a_call_that_nothing_stands_for_is_left_out_with_its_variables() -> None:
    query = (
        "query ($digits: Int) { team { last { amount(digits: $digits) } } "
        "holders { ... on User { friends { friends { last { label } } } } } }"
    )
    outcome, requests = await run(query, digits=2)
    assert outcome.data["team"]["last"]["amount"] == given("amount", "t1", code="GBP", digits=2)
    assert "label" not in requests[-1][1]["query"]


async def test_entities_that_were_asked_for_once_still_get_a_value_for_each_place() -> None:
    outcome, requests = await run("{ users { last { writer { paid } } } }")
    paid = [each and each["last"]["writer"]["paid"] for each in outcome.data["users"]]
    assert paid == [given("paid", "a1", code=code) for code in ("USD", "EUR")] + [None, given("paid", "a1", code=None)]
    assert len(requests) == 3


async def test_a_contextual_field_that_nobody_asks_for_under_its_condition_costs_no_call() -> None:
    _, requests = await run("query ($yes: Boolean!) { team { last { id amount @include(if: $yes) } } }", yes=False)
    assert len(requests) == 1
    assert "currency" in requests[0][1]["query"]


async def test_an_error_reaches_every_place_that_shares_the_call() -> None:
    broken = DATA["accounts"]["team"]["last"]
    kept = broken["label"]
    broken["label"] = lambda *_, **__: (_ for _ in ()).throw(ValueError("no label"))
    try:
        outcome, _ = await run("{ holders { ... on User { last { label } } ... on Team { last { label } } } }")
    finally:
        broken["label"] = kept
    assert [error["path"] for error in outcome.errors] == [["holders", at, "last", "label"] for at in (1, 0)]


def test_a_required_field_that_takes_a_value_from_above_is_fetched_with_it() -> None:
    sdl = supergraph_sdl()
    asked = "note: String @join__field(graph: NOTES)"
    assert asked in sdl
    changed = sdl.replace(asked, 'note: String @join__field(graph: NOTES, requires: "label")')
    planner = Planner(parse_supergraph(changed))
    stages = planner.stages(parse("{ team { last { note } } }"))
    assert check_soundness(planner.supergraph, stages.operation, stages.plan) == []
    assert [step.subgraph for step in stages.fetch_graph.steps.values()] == ["ACCOUNTS", "ACCOUNTS", "NOTES"]


def test_values_that_need_each_other_are_a_coded_error() -> None:
    sdl = supergraph_sdl().replace('selection: " { currency }"', 'selection: "{ last { amount } }"')
    with pytest.raises(NoPath):
        Planner(parse_supergraph(sdl)).plan(parse("{ team { last { amount } } }"))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('@context(name: "accounts__money")', "@context"),
        ('selection: " { currency }"', 'selection: "{ currency"'),
        (', selection: " { currency }"', ""),
    ],
)
def test_malformed_contexts_are_a_coded_error(written: str, instead: str) -> None:
    sdl = supergraph_sdl()
    assert written in sdl
    with pytest.raises(InvalidSupergraph) as refused:
        parse_supergraph(sdl.replace(written, instead))
    assert refused.value.code == "INVALID_FEDERATION_SUPERGRAPH"
