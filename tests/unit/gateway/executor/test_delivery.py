"""An answer in parts, from both executors: what comes when, whose errors are whose, where nulls stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, parse, validate

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphCall, SubgraphClient, SubgraphFailure, SubgraphReply
from gateway.executor.run import Batch, Outcome, Request
from gateway.planner.nodes import QueryPlan
from tests.testkit.composed import planner_on
from tests.unit.gateway.executor.scripted_subgraphs import Nobody, ScriptedClient

PLANNER = planner_on(
    {
        "users": """
            type Query { me: User users: [User] anyone: Named }
            type Mutation { rename: User }
            interface Named { name: String }
            type User implements Named @key(fields: "id") { id: ID! name: String home: Home }
            type Robot implements Named { name: String model: String }
            type Home { city: String zip: String! }
        """,
        "reviews": """
            type User @key(fields: "id") { id: ID! reviews: [Review!] rating: Int! }
            type Review @key(fields: "id") { id: ID! body: String author: User }
        """,
    }
)
Answers = dict[str, Any]
Deliver = Callable[[QueryPlan, Request, SubgraphClient], AsyncGenerator[Outcome | Batch, None]]


def _compiled(plan: QueryPlan, request: Request, client: SubgraphClient) -> AsyncGenerator[Outcome | Batch, None]:
    return compile_plan(plan).execute_in_parts(request, client)


@pytest.fixture(params=[reference.execute_in_parts, _compiled], ids=["reference", "compiled"])
def deliver(request: pytest.FixtureRequest) -> Deliver:
    chosen: Deliver = request.param
    return chosen


def plan_of(query: str, true: tuple[str, ...] = ()) -> QueryPlan:
    document = parse(query)
    assert validate(PLANNER.supergraph.api_schema, document) == []
    assert isinstance(document.definitions[0], OperationDefinitionNode)
    return PLANNER.plan(document, None, (), true)


def request_with(**variables: Any) -> Request:
    return Request(variables, variables, Nobody(), 10.0)


@dataclass
class Told:
    """What a client was told: the first answer, and each part by path and label."""

    first: Outcome
    parts: dict[tuple[Any, str | None], Any] = field(default_factory=dict)
    errors: dict[tuple[Any, str | None], list[Any]] = field(default_factory=dict)


async def told(deliver: Deliver, query: str, users: Any, reviews: Any = None, **variables: Any) -> Told:
    """Runs a query with these replies to its calls, in their order."""
    replies = {"users": _queue(users), "reviews": _queue(reviews)}
    client = ScriptedClient(lambda call, _: replies[call.service].pop(0))
    true = tuple(name for name, value in variables.items() if value is True)
    answers = [each async for each in deliver(plan_of(query, true), request_with(**variables), client)]
    first, *batches = answers
    assert isinstance(first, Outcome)
    assert [each.has_next for each in answers] == [True] * len(batches) + [False]
    result = Told(first)
    for batch in batches:
        assert isinstance(batch, Batch)
        for each in batch.increments:
            result.parts[each.path, each.label] = each.data
            result.errors[each.path, each.label] = each.errors
    return result


def _queue(replies: Any) -> list[Any]:
    return list(replies) if isinstance(replies, tuple) else [replies]


def entities(*found: Any) -> dict[str, Any]:
    return {"data": {"_entities": list(found)}}


ME = {"data": {"me": {"id": "1", "name": "Ada"}}}
USERS = {"data": {"users": [{"id": "1"}, None, {"id": "2"}]}}


class TestWhatComesWhen:
    async def test_the_first_answer_is_there_while_a_part_is_awaited(self, deliver: Deliver) -> None:
        held: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        answers = deliver(plan_of("{ me { name ... @defer { rating } } }"), request_with(), Holding(held))
        first = await anext(answers)
        assert first == Outcome({"me": {"name": "Ada"}}, [], has_next=True)
        held.set_result(SubgraphReply(200, orjson.dumps(entities({"rating": 5}))))
        rest = [each async for each in answers]
        assert [each.increments[0].data for each in rest if isinstance(each, Batch)] == [{"rating": 5}]

    async def test_what_is_not_fetched_apart_follows_at_once(self, deliver: Deliver) -> None:
        got = await told(deliver, '{ me { name ... @defer(label: "again") { name } } }', ME)
        assert got.parts == {(("me",), "again"): {"name": "Ada"}}

    async def test_each_object_of_a_list_gets_a_part(self, deliver: Deliver) -> None:
        got = await told(deliver, "{ users { ... @defer { rating } } }", USERS, entities({"rating": 1}, {"rating": 2}))
        assert got.first.data == {"users": [{}, None, {}]}
        assert got.parts == {(("users", 0), None): {"rating": 1}, (("users", 2), None): {"rating": 2}}

    async def test_a_part_in_a_part_follows_it(self, deliver: Deliver) -> None:
        query = """{ me { ... @defer(label: "outer") { reviews { body ... @defer(label: "inner") { id } } } } }"""
        got = await told(deliver, query, ME, entities({"reviews": [{"id": "r", "body": "good"}]}))
        outer, inner = (("me",), "outer"), (("me", "reviews", 0), "inner")
        assert got.parts == {outer: {"reviews": [{"body": "good"}]}, inner: {"id": "r"}}
        assert list(got.parts) == [outer, inner]

    async def test_nothing_is_said_of_objects_that_are_not_there(self, deliver: Deliver) -> None:
        got = await told(deliver, "{ me { name ... @defer { rating } } }", {"data": {"me": None}})
        assert got.first == Outcome({"me": None}, [])

    async def test_nothing_is_said_of_objects_of_other_types(self, deliver: Deliver) -> None:
        query = "{ anyone { name ... on User @defer { rating } ... on Robot @defer { model } } }"
        robot = {"data": {"anyone": {"__typename": "Robot", "name": "R2", "model": "D2"}}}
        got = await told(deliver, query, robot)
        assert got.parts == {(("anyone",), None): {"model": "D2"}}

    @pytest.mark.parametrize("wanted", [True, False])
    async def test_conditions_around_a_part_are_its_own(self, deliver: Deliver, wanted: bool) -> None:
        query = "query ($wanted: Boolean!) { me { name ... @include(if: $wanted) @defer { rating } } }"
        got = await told(deliver, query, ME, entities({"rating": 1}), wanted=wanted)
        assert got.parts == ({(("me",), None): {"rating": 1}} if wanted else {})

    async def test_a_mutation_has_parts_below_its_fields(self, deliver: Deliver) -> None:
        renamed = {"data": {"rename": {"id": "1", "name": "Ada"}}}
        got = await told(
            deliver, "mutation { rename { name ... @defer { rating } } }", renamed, entities({"rating": 1})
        )
        assert got.parts == {(("rename",), None): {"rating": 1}}

    async def test_a_fragment_spread_twice_comes_once(self, deliver: Deliver) -> None:
        query = (
            "query ($a: Boolean!) { me { ...F ...F @include(if: $a) } } fragment F on User { ... @defer { rating } }"
        )
        got = await told(deliver, query, ME, entities({"rating": 1}), a=True)
        assert got.parts == {(("me",), None): {"rating": 1}}


class TestErrors:
    async def test_a_part_that_fails_fails_alone(self, deliver: Deliver) -> None:
        query = '{ users { id ... @defer(label: "bad") { reviews { body } } ... @defer(label: "good") { rating } } }'
        down = SubgraphFailure("SUBGRAPH_DOWN", "no answer")
        got = await told(deliver, query, USERS, (down, entities({"rating": 1}, {"rating": 2})))
        assert got.first.errors == []
        for at in (0, 2):
            assert got.parts[("users", at), "bad"] == {"reviews": None}
            assert [error["extensions"]["code"] for error in got.errors[("users", at), "bad"]] == ["SUBGRAPH_DOWN"]
            assert got.errors[("users", at), "good"] == []

    async def test_an_error_of_one_object_is_told_with_it(self, deliver: Deliver) -> None:
        partly = entities({"reviews": [{"body": "a"}]}, {"reviews": None}) | {
            "errors": [{"message": "lost", "path": ["_entities", 1, "reviews"]}]
        }
        got = await told(deliver, "{ users { ... @defer { reviews { body } } } }", USERS, partly)
        assert got.errors[("users", 0), None] == []
        assert [error["path"] for error in got.errors[("users", 2), None]] == [["users", 2, "reviews"]]

    async def test_a_null_that_may_not_be_stops_at_the_part(self, deliver: Deliver) -> None:
        got = await told(
            deliver, "{ users { id ... @defer { rating } } }", USERS, entities({"rating": None}, {"rating": 2})
        )
        assert got.first.data == {"users": [{"id": "1"}, None, {"id": "2"}]}
        assert got.parts == {(("users", 0), None): None, (("users", 2), None): {"rating": 2}}
        assert [error["path"] for error in got.errors[("users", 0), None]] == [["users", 0, "rating"]]

    async def test_a_field_that_could_not_be_fetched_apart_keeps_its_error_for_its_part(self, deliver: Deliver) -> None:
        home = {"id": "1", "home": {"city": "Ur", "owner": None}}
        failed = {"data": {"me": home}, "errors": [{"message": "lost", "path": ["me", "home", "zip"]}]}
        got = await told(deliver, "{ me { home { city ... @defer { zip } } } }", failed)
        assert (got.first.data, got.first.errors) == ({"me": {"home": {"city": "Ur"}}}, [])
        assert got.parts == {(("me", "home"), None): None}
        assert [error["message"] for error in got.errors[("me", "home"), None]] == ["lost"]

    async def test_an_error_that_took_the_object_away_is_told_at_once(self, deliver: Deliver) -> None:
        failed = {"data": {"me": {"home": None}}, "errors": [{"message": "lost", "path": ["me", "home", "zip"]}]}
        got = await told(deliver, "{ me { home { city ... @defer { zip } } } }", failed)
        assert got.first.data == {"me": {"home": None}}
        assert [error["message"] for error in got.first.errors] == ["lost"]
        assert got.parts == {}

    async def test_an_error_kept_for_a_part_is_not_told_with_another(self, deliver: Deliver) -> None:
        failed = {
            "data": {"me": {"id": "1", "home": {"city": "Ur"}}},
            "errors": [{"message": "no zip", "path": ["me", "home", "zip"]}],
        }
        query = '{ me { id home { city ... @defer { zip } } ... @defer(label: "other") { rating } } }'
        got = await told(deliver, query, failed, entities({"rating": None}))
        assert got.parts == {(("me", "home"), None): None, (("me",), "other"): None}
        assert [error["message"] for error in got.errors[("me", "home"), None]] == ["no zip"]
        assert [error["path"] for error in got.errors[("me",), "other"]] == [["me", "rating"]]

    async def test_a_null_is_explained_where_it_is_told(self, deliver: Deliver) -> None:
        """The key did not come: what the first answer said of it is said again with the part that ends in null."""
        keyless = {"data": {"me": {"id": None, "name": "Ada"}}, "errors": [{"message": "no id", "path": ["me", "id"]}]}
        got = await told(deliver, "{ me { name ... @defer { rating } } }", keyless)
        assert got.parts == {(("me",), None): None}
        assert [error["message"] for error in got.errors[("me",), None]] == ["no id"]


class Holding:
    """Answers `users` at once and `reviews` when told."""

    def __init__(self, held: asyncio.Future[SubgraphReply]) -> None:
        self._held = held

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        if call.service == "reviews":
            return self._held
        reply: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        reply.set_result(SubgraphReply(200, orjson.dumps(ME)))
        return reply


async def test_who_leaves_gives_up_what_is_under_way(deliver: Deliver) -> None:
    held: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
    answers = deliver(plan_of("{ me { name ... @defer { rating } } }"), request_with(), Holding(held))
    await anext(answers)
    waiting = asyncio.ensure_future(anext(answers))
    await asyncio.wait([waiting], timeout=0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert held.cancelled()


async def test_a_plan_with_parts_is_not_run_whole() -> None:
    plan = plan_of("{ me { name ... @defer { rating } } }")
    with pytest.raises(ValueError, match="in parts"):
        await reference.execute(plan, request_with(), ScriptedClient(lambda *_: ME))
    with pytest.raises(ValueError, match="in parts"):
        await compile_plan(plan).execute(request_with(), ScriptedClient(lambda *_: ME))
