"""When a plan says that its reply is the answer as it stands."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planner.plan import plan
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.composed import planner_on
from tests.testkit.synthetic_graphs import JOIN_HEADER, graph_enum

PLANNER = planner_on(
    {
        "one": """
            type Query { me: User users: [[User!]]! named: Named loose: Loose! colour: Colour shade: Shade }
            type Mutation { rename(name: String): User }
            type User implements Named @key(fields: "id") {
                id: ID! name(in: String): String tags: [String!] friend: User
            }
            interface Named { name(in: String): String }
            type Loose @shareable { value: Int }
            enum Colour { RED GREEN @inaccessible }
            enum Shade { LIGHT DARK }
        """,
        "two": """
            type Query { other: Int again: Loose }
            type User @key(fields: "id") { id: ID! age: Int }
            type Loose @shareable { value: Int! }
        """,
    }
)


@pytest.mark.parametrize(
    "query",
    [
        "{ me { id name tags friend { id } } }",
        "query ($x: String) { a: me { name(in: $x) } users { b: id } shade }",
        "mutation { rename { id } }",
        "{ ...F } fragment F on Query { me { ...G } } fragment G on User { id }",
        "{ loose { value } }",
    ],
)
def test_one_call_that_says_it_all_is_kept_whole(query: str) -> None:
    assert PLANNER.plan(parse(query)).keeps_reply


@pytest.mark.parametrize(
    "query",
    [
        "{ me { id } other }",  # two calls
        "{ me { age } }",  # the second needs a key of the first
        "{ me { __typename id } }",  # the gateway knows the name of the type
        "{ __typename me { id } }",
        "{ me { id } __schema { __typename } }",
        "{ named { name } }",  # the type comes along, unasked for
        "query ($on: Boolean!) { me { id name @include(if: $on) } }",
        "query ($on: Boolean!) { me @include(if: $on) { id } }",
        '{ me { name(in: "a") ... on Named { name(in: "a") } friend { ... on Named { name } id } } colour }',
        "{ colour }",  # a value that clients must not see
        "{ other again { value } me { id } }",
    ],
)
def test_anything_to_be_done_to_a_reply_is_known(query: str) -> None:
    assert not PLANNER.plan(parse(query)).keeps_reply


def test_a_null_that_clients_may_not_see_is_looked_for() -> None:
    supergraph = parse_supergraph(
        JOIN_HEADER
        + graph_enum(["A"])
        + """
        type Query @join__type(graph: A) {
          loose: [Int!]! @join__field(graph: A, type: "[Int]!")
          strict: [Int]! @join__field(graph: A, type: "[Int!]!")
        }
        """
    )
    assert not plan(supergraph, parse("{ loose }")).keeps_reply
    assert plan(supergraph, parse("{ strict }")).keeps_reply


def test_what_comes_in_parts_is_not_kept_whole() -> None:
    assert not PLANNER.plan(parse("{ me { id ... @defer { name } } }"), None, (), ()).keeps_reply
