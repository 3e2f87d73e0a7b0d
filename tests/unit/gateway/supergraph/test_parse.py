"""A supergraph of any join version becomes the same kind of model; anything else is a coded error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from graphql import print_ast
from hypothesis import given
from hypothesis import strategies as st

from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.model import EntityKey
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.synthetic_graphs import JOIN_HEADER, graph_enum

BODY = """
type Query @join__type(graph: A) { user: User color(c: Color = RED @inaccessible): Color }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", extension: true) {
  id: ID!
  name: String! @join__field(graph: A, type: "String") @join__field(graph: B, external: true)
  old: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
}
type Secret @join__type(graph: A) @inaccessible { x: Int }
enum Color @join__type(graph: A) { RED @join__enumValue(graph: A) BLUE @inaccessible @join__enumValue(graph: A) }
"""
INVALID = "INVALID_FEDERATION_SUPERGRAPH"
SDL = JOIN_HEADER + graph_enum(["A", "B"]) + BODY


def test_tables_say_what_each_subgraph_declares() -> None:
    user = parse_supergraph(SDL).subgraphs["A"].types["User"]
    assert user.keys == (EntityKey("id", True),)
    assert user.fields["name"].type == "String"
    assert user.fields["old"].external
    assert parse_supergraph(SDL).subgraphs["B"].types["User"].fields["name"].external


def test_the_api_schema_hides_machinery_and_inaccessible_elements() -> None:
    supergraph = parse_supergraph(SDL)
    shown = supergraph.api_schema
    assert not [name for name in shown.type_map if name.startswith(("join__", "link__"))]
    assert "Secret" not in shown.type_map
    assert "Secret" in supergraph.full_schema.type_map
    assert shown.query_type is not None
    assert shown.query_type.fields["color"].args == {}
    color = shown.type_map["Color"]
    assert list(getattr(color, "values")) == ["RED"]  # noqa: B009


def test_renamed_join_and_inaccessible_are_understood() -> None:
    renamed = (
        SDL.replace("join__", "j__")
        .replace('join/v0.3"', 'join/v0.3", as: "j"')
        .replace(
            "{ query: Query }",
            '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden") { query: Query }',
        )
        .replace("@inaccessible", "@hidden")
    )
    supergraph = parse_supergraph(renamed)
    assert supergraph.subgraphs["A"].types["User"].keys == (EntityKey("id", True),)
    assert "Secret" not in supergraph.api_schema.type_map


def test_join_0_1_gives_fields_to_the_owner() -> None:
    sdl = """
schema @core(feature: "https://specs.apollo.dev/core/v0.2") @core(feature: "https://specs.apollo.dev/join/v0.1")
{ query: Query }
directive @core(feature: String!) repeatable on SCHEMA
directive @join__field(graph: join__Graph, requires: String, provides: String) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
directive @join__owner(graph: join__Graph!) on OBJECT
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
enum join__Graph { A @join__graph(name: "a" url: "x") B @join__graph(name: "b" url: "y") }
type Query { user: User @join__field(graph: A) }
type User @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID! @join__field(graph: A)
  name: String
  reviews: Int @join__field(graph: B)
}
"""
    supergraph = parse_supergraph(sdl)
    assert sorted(supergraph.subgraphs["A"].types["User"].fields) == ["id", "name"]
    assert sorted(supergraph.subgraphs["B"].types["User"].fields) == ["reviews"]
    assert list(supergraph.subgraphs["B"].types["Query"].fields) == []


def test_composed_directives_stay_readable() -> None:
    sdl = SDL.replace("user: User ", 'user: User @live(topic: "t") ')
    (directive,) = parse_supergraph(sdl).field_directives["Query", "user"]
    assert print_ast(directive) == '@live(topic: "t")'


@pytest.mark.parametrize(
    ("sdl", "code"),
    [
        ("type Query {", "INVALID_GRAPHQL"),
        ("type Query { a: Int }", INVALID),
        (JOIN_HEADER + "type Query { a: Int }", INVALID),
        (JOIN_HEADER + graph_enum(["A"]) + "type Query @join__type(graph: A) { a: Nothing }", INVALID),
        (JOIN_HEADER + graph_enum(["A"]) + "type Query @join__type(graph: X) { a: Int }", INVALID),
        (JOIN_HEADER + graph_enum(["A"]) + "type Query @join__type { a: Int }", INVALID),
        (JOIN_HEADER + graph_enum(["A"]) + "type Other @join__type(graph: A) { a: Int }", INVALID),
        (
            JOIN_HEADER + graph_enum(["A"]) + 'type Query @join__type(graph: A, key: "id {") { a: Int }',
            INVALID,
        ),
        (
            JOIN_HEADER.replace("query: Query", "mutation: Query")
            + graph_enum(["A"])
            + "type Query @join__type(graph: A) { a: Int }",
            "NO_QUERIES",
        ),
    ],
)
def test_what_is_no_supergraph_is_refused_with_a_code(sdl: str, code: str) -> None:
    with pytest.raises(InvalidSupergraph) as refused:
        parse_supergraph(sdl)
    assert refused.value.code == code


@given(
    st.integers(0, len(SDL)), st.integers(0, 40), st.sampled_from(["", "{", "}", "@", '"', "graph: Z", "!", "type X"])
)
def test_damaged_supergraphs_raise_nothing_but_coded_errors(at: int, length: int, put: str) -> None:
    with suppress(InvalidSupergraph):
        parse_supergraph(SDL[:at] + put + SDL[at + length :])
