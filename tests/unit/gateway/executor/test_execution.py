"""What an execution must give, for both executors: merging, error places, nulls, skipped calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphClient, SubgraphFailure, SubgraphReply
from gateway.executor.run import Outcome, Request
from gateway.planner.nodes import (
    Condition,
    EntityEntry,
    Fetch,
    InputField,
    Items,
    Key,
    OperationKind,
    Path,
    PlanNode,
    ProjectedField,
    Projection,
    QueryPlan,
    Representation,
    Sequence,
    TypeShape,
)
from tests.unit.gateway.executor.scripted_subgraphs import Answer, Nobody, ScriptedClient, by_service

Execute = Callable[..., Awaitable[dict[str, Any]]]

NULLABLE, REQUIRED = TypeShape((True,)), TypeShape((False,))
LIST, STRICT_LIST = TypeShape((True, True)), TypeShape((True, False))


async def _compiled(plan: QueryPlan, request: Request, client: SubgraphClient) -> Outcome:
    return await compile_plan(plan).execute(request, client)


@pytest.fixture(params=[reference.execute, _compiled], ids=["reference", "compiled"])
def run(request: pytest.FixtureRequest) -> Execute:
    async def execute(plan: QueryPlan, client: SubgraphClient, **variables: Any) -> dict[str, Any]:
        outcome = await request.param(plan, Request(variables, variables, Nobody(), 10.0), client)
        result: dict[str, Any] = orjson.loads(orjson.dumps({"data": outcome.data, "errors": outcome.errors}))
        return result

    return execute


def _root(document: str = "{ users { __typename id } }") -> Fetch:
    return Fetch(0, "users", OperationKind.QUERY, document)


def _entities(
    paths: tuple[Path, ...] = ((Key("users"), Items()),), *, fields: tuple[InputField, ...] | None = None, **entry: Any
) -> Fetch:
    representation = Representation(frozenset({"User"}), None, fields or (InputField("id", "id"),))
    document = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { name address { city } } } }"
    call = EntityEntry("_entities", "r", paths, (representation,), **entry)
    return Fetch(1, "names", OperationKind.QUERY, document, (), (call,))


def _field(key: str, shape: TypeShape = NULLABLE, **more: Any) -> ProjectedField:
    return ProjectedField(key, more.pop("source", key), shape, field_name=f"User.{key}", **more)


def _plan(
    *fetches: PlanNode, name: TypeShape = NULLABLE, users: TypeShape = LIST, extra: tuple[ProjectedField, ...] = ()
) -> QueryPlan:
    user = Projection((_field("id"), _field("label", name, source="name"), *extra), "User")
    query = Projection((ProjectedField("people", "users", users, children=user, field_name="Query.users"),), "Query")
    return QueryPlan(OperationKind.QUERY, Sequence(fetches), query)


USERS: dict[str, Any] = {"data": {"users": [{"__typename": "User", "id": i} for i in ("1", "2", "1")]}}


def _names(*names: str | None, **more: Any) -> dict[str, Any]:
    return {"data": {"_entities": [n if n is None else {"name": n} for n in names]}, **more}


class TestRepresentations:
    async def test_equal_ones_are_sent_once_and_their_result_reaches_every_object(self, run: Execute) -> None:
        client = by_service({"users": USERS, "names": _names("Ada", "Bob")})
        result = await run(_plan(_root(), _entities()), client)
        assert client.calls[1][1]["variables"] == {
            "r": [{"__typename": "User", "id": "1"}, {"__typename": "User", "id": "2"}]
        }
        assert [user["label"] for user in result["data"]["people"]] == ["Ada", "Bob", "Ada"]

    @pytest.mark.parametrize(
        "users",
        [
            None,
            [],
            [None],
            [{"__typename": "Robot", "id": "1"}],
            [{"__typename": "User"}],
            [{"__typename": "User", "id": None}],
            "text",
        ],
    )
    async def test_nothing_to_ask_means_no_call(self, run: Execute, users: Any) -> None:
        client = by_service({"users": {"data": {"users": users}}})
        await run(_plan(_root(), _entities()), client)
        assert [service for service, _ in client.calls] == ["users"]

    async def test_a_required_field_that_may_be_null_is_sent_as_null(self, run: Execute) -> None:
        users = {"data": {"users": [{"__typename": "User", "id": "1", "price": None}]}}
        client = by_service({"users": users, "names": _names("Ada")})
        fields = (InputField("id", "id"), InputField("price", "price", nullable=True))
        await run(_plan(_root(), _entities(fields=fields)), client)
        assert client.calls[1][1]["variables"]["r"] == [{"__typename": "User", "id": "1", "price": None}]

    async def test_an_entry_is_skipped_by_its_variable(self, run: Execute) -> None:
        client = by_service({"users": USERS})
        result = await run(_plan(_root(), _entities(skip_if=(("quick", True),))), client, quick=True)
        assert len(client.calls) == 1
        assert result["errors"] == []


class TestMerging:
    async def test_null_never_overwrites_a_value(self, run: Execute) -> None:
        users = {"data": {"users": [{"__typename": "User", "id": "1", "name": "Ada"}]}}
        client = by_service({"users": users, "names": {"data": {"_entities": [{"name": None, "address": None}]}}})
        result = await run(_plan(_root("{ users { __typename id name } }"), _entities()), client)
        assert result["data"] == {"people": [{"id": "1", "label": "Ada"}]}

    async def test_paths_deeper_than_python_nests_loops_are_collected_all_the_same(self, run: Execute) -> None:
        depth = 25
        data: Any = {"__typename": "User", "id": "1"}
        for _ in range(depth):
            data = {"friends": [data]}
        path: Path = (Key("users"), *(step for _ in range(depth) for step in (Key("friends"), Items())))
        document = "{ users " + "{ friends " * depth + "{ id }" + "}" * depth + " }"
        client = by_service({"users": {"data": {"users": data}}, "names": _names("Ada")})
        await run(_plan(_root(document), _entities((path,)), users=NULLABLE), client)
        assert client.calls[1][1]["variables"]["r"] == [{"__typename": "User", "id": "1"}]

    async def test_lists_of_two_fetches_merge_element_by_element(self, run: Execute) -> None:
        more = Fetch(2, "more", OperationKind.QUERY, "{ users { name } }")
        client = by_service(
            {
                "users": {"data": {"users": [{"id": "1"}, None, {"id": "3"}]}},
                "more": {"data": {"users": [{"name": "Ada"}, {"name": "Bob"}, None]}},
            }
        )
        result = await run(_plan(_root(), more), client)
        assert result["data"]["people"] == [
            {"id": "1", "label": "Ada"},
            {"id": None, "label": "Bob"},
            {"id": "3", "label": None},
        ]

    async def test_a_condition_picks_one_branch(self, run: Execute) -> None:
        client = by_service({"users": USERS, "names": _names("Ada", "Bob")})
        plan = _plan(_root(), Condition("named", _entities(), None))
        assert (await run(plan, client, named=False))["data"]["people"][0] == {"id": "1", "label": None}
        assert (await run(plan, client, named=True))["data"]["people"][0] == {"id": "1", "label": "Ada"}

    async def test_a_root_fetch_below_a_field_fills_every_object_there(self, run: Execute) -> None:
        again = Fetch(2, "again", OperationKind.QUERY, "{ name }", path=(Key("users"), Items()))
        broken = {"message": "half", "path": ["name"]}
        client = by_service({"users": USERS, "again": {"data": {"name": "root"}, "errors": [broken]}})
        result = await run(_plan(_root(), again), client)
        assert [user["label"] for user in result["data"]["people"]] == ["root"] * 3
        assert [error["path"] for error in result["errors"]] == [["people", i, "label"] for i in range(3)]

    async def test_a_root_fetch_below_nothing_is_not_sent(self, run: Execute) -> None:
        again = Fetch(2, "again", OperationKind.QUERY, "{ name }", path=(Key("users"), Items()))
        client = by_service({"users": {"data": {"users": None}}})
        await run(_plan(_root(), again), client)
        assert len(client.calls) == 1


class TestErrors:
    async def test_an_entity_error_reaches_every_path_that_shares_the_representation(self, run: Execute) -> None:
        broken = {"message": "no name", "path": ["_entities", 0, "name"], "extensions": {"code": "GONE"}}
        client = by_service({"users": USERS, "names": _names(None, "Bob", errors=[broken])})
        result = await run(_plan(_root(), _entities()), client)
        assert result["data"]["people"][1]["label"] == "Bob"
        assert [error["path"] for error in result["errors"]] == [["people", 0, "label"], ["people", 2, "label"]]
        assert result["errors"][0]["message"] == "no name"
        assert result["errors"][0]["extensions"] == {"code": "GONE", "service": "names"}

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (SubgraphFailure("SUBGRAPH_UNAVAILABLE", "no connection"), "SUBGRAPH_UNAVAILABLE"),
            (SubgraphReply(503, b"busy"), "SUBREQUEST_HTTP_ERROR"),
            (b"<html>", "SUBREQUEST_MALFORMED_RESPONSE"),
            (b"[]", "SUBREQUEST_MALFORMED_RESPONSE"),
            (b"{}", "SUBREQUEST_MALFORMED_RESPONSE"),
            (b'{"data":1}', "SUBREQUEST_MALFORMED_RESPONSE"),
            (b'{"data":{},"errors":1}', "SUBREQUEST_MALFORMED_RESPONSE"),
            ({"data": {"_entities": [None]}}, "SUBREQUEST_MALFORMED_RESPONSE"),
            ({"errors": [{"message": "all of it"}]}, "DOWNSTREAM_SERVICE_ERROR"),
            (SubgraphReply(400, b'{"errors":[{"message":"bad"}]}'), "DOWNSTREAM_SERVICE_ERROR"),
        ],
    )
    async def test_a_failed_subgraph_costs_its_fields_only(self, run: Execute, answer: Answer, code: str) -> None:
        result = await run(_plan(_root(), _entities()), by_service({"users": USERS, "names": answer}))
        assert [user["id"] for user in result["data"]["people"]] == ["1", "2", "1"]
        assert [user["label"] for user in result["data"]["people"]] == [None] * 3
        (error,) = result["errors"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["service"] == "names"
        assert error["extensions"]["affectedPath"] == "users.@"
        assert error["path"] == ["people"]

    async def test_a_root_error_keeps_its_path_in_the_clients_names(self, run: Execute) -> None:
        reply = {"data": {"users": [None]}, "errors": [{"message": "lost", "path": ["users", 0]}]}
        result = await run(_plan(_root()), by_service({"users": reply}))
        assert result["errors"][0]["path"] == ["people", 0]
        assert result["data"] == {"people": [None]}

    async def test_a_failed_root_without_place_gives_no_path(self, run: Execute) -> None:
        result = await run(_plan(_root()), by_service({"users": SubgraphFailure("SUBGRAPH_TIMEOUT", "late")}))
        assert result == {
            "data": {"people": None},
            "errors": [{"message": "late", "extensions": {"code": "SUBGRAPH_TIMEOUT", "service": "users"}}],
        }


class TestNulls:
    async def test_a_null_bubbles_to_the_nearest_nullable_parent_and_is_told_once(self, run: Execute) -> None:
        client = by_service({"users": USERS, "names": _names(None, "Bob")})
        result = await run(_plan(_root(), _entities(), name=REQUIRED), client)
        assert result["data"] == {"people": [None, {"id": "2", "label": "Bob"}, None]}
        assert [error["path"] for error in result["errors"]] == [["people", 0, "label"], ["people", 2, "label"]]

    async def test_a_null_in_a_list_of_required_items_takes_the_list(self, run: Execute) -> None:
        client = by_service({"users": USERS, "names": _names(None, "Bob")})
        result = await run(_plan(_root(), _entities(), name=REQUIRED, users=STRICT_LIST), client)
        assert result["data"] == {"people": None}

    async def test_a_null_reaches_the_root_when_nothing_may_be_null(self, run: Execute) -> None:
        client = by_service({"users": USERS, "names": _names(None, "Bob")})
        result = await run(_plan(_root(), _entities(), name=REQUIRED, users=TypeShape((False, False))), client)
        assert result["data"] is None

    async def test_a_null_that_an_error_explains_gets_no_second_one(self, run: Execute) -> None:
        broken = {"message": "no name", "path": ["_entities", 0]}
        client = by_service({"users": USERS, "names": _names(None, "Bob", errors=[broken])})
        result = await run(_plan(_root(), _entities(), name=REQUIRED), client)
        assert {error["message"] for error in result["errors"]} == {"no name"}


class TestChecks:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            (_field("mood", enum_values=frozenset({"GOOD"})), "HIDDEN"),
            (_field("mood", enum_values=frozenset({"GOOD"})), {"not": "text"}),
            (_field("mood", children=Projection((_field("id"),), "Mood")), "text"),
            (_field("mood", LIST), "text"),
            (_field("mood", LIST, children=Projection((_field("id"),), "Mood")), {}),
            (
                _field("mood", children=Projection((_field("id"),)), possible_types=frozenset({"Mood"})),
                {"__typename": "Secret", "id": 1},
            ),
        ],
    )
    async def test_a_value_outside_the_api_schema_becomes_null_with_an_error(
        self, run: Execute, field: ProjectedField, value: Any
    ) -> None:
        users = {"data": {"users": [{"__typename": "User", "id": "1", "mood": value}]}}
        result = await run(_plan(_root(), extra=(field,)), by_service({"users": users}))
        assert result["data"]["people"] == [{"id": "1", "label": None, "mood": None}]
        assert result["errors"][0]["path"] == ["people", 0, "mood"]
        assert result["errors"][0]["extensions"]["code"] == "RESPONSE_VALIDATION_FAILED"

    async def test_typename_comes_from_the_plan_where_it_is_known(self, run: Execute) -> None:
        field = ProjectedField("kind", "__typename", REQUIRED, typename=True)
        users = {"data": {"users": [{"__typename": "InterfaceObject", "id": "1"}]}}
        result = await run(_plan(_root(), extra=(field,)), by_service({"users": users}))
        assert result["data"]["people"][0]["kind"] == "User"

    async def test_only_the_variables_that_the_client_gave_are_sent(self, run: Execute) -> None:
        fetch = Fetch(0, "users", OperationKind.QUERY, "query($a: Int, $b: Int) { users { id } }", ("a", "b"))
        client = ScriptedClient(lambda _call, _body: USERS)
        await run(_plan(fetch), client, a=1)
        assert client.calls[0][1]["variables"] == {"a": 1}
