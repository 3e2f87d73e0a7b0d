"""Composition as a whole: what its users see."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.composition import SubgraphInput, compose
from gateway.composition.catalogue import ERRORS
from gateway.supergraph.parse import parse_supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: [{}])\n'
LIVE = """
  extend schema @link(url: "https://taskflow.dev/live/v1.0", import: ["@live"]) @composeDirective(name: "@live")
  directive @live(topic: String!, events: [String!]!, gate: String!, value: String = "{}") on FIELD_DEFINITION
"""


def linked(*names: str) -> str:
    return LINK.format(", ".join(f'"{name}"' for name in names))


AUTH = linked("@key") + 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'
TASKS = (
    linked("@key", "@composeDirective")
    + LIVE
    + 'type User @key(fields: "id") { id: ID! tasks: [Task!]! } type Task @key(fields: "id") { id: ID! title: String }'
    + "type Subscription { taskChanged(id: ID!): Task "
    + '@live(topic: "task:{args.id}", events: ["task.updated"], gate: "t") }'
)


def subgraphs(**sdl: str) -> list[SubgraphInput]:
    return [SubgraphInput(name, text, f"http://{name}") for name, text in sdl.items()]


def codes(**sdl: str) -> set[str]:
    return {error.code for error in compose(subgraphs(**sdl)).errors}


def test_supergraph_serves_what_the_subgraphs_declare() -> None:
    composition = compose(subgraphs(auth=AUTH, tasks=TASKS))
    assert composition.errors == ()
    model = parse_supergraph(composition.supergraph_sdl or "")
    assert {subgraph.url for subgraph in model.subgraphs.values()} == {"http://auth", "http://tasks"}
    assert set(model.api_schema.type_map["User"].fields) == {"id", "name", "tasks"}  # type: ignore[attr-defined]


def test_composed_directive_reaches_the_supergraph_and_not_the_api() -> None:
    composition = compose(subgraphs(auth=AUTH, tasks=TASKS))
    assert '@live(topic: "task:{args.id}", events: ["task.updated"], gate: "t")' in (composition.supergraph_sdl or "")
    assert '@link(url: "https://taskflow.dev/live/v1.0", import: ["@live"])' in (composition.supergraph_sdl or "")
    assert "@live" not in (composition.api_schema_sdl or "")


def test_order_of_the_input_does_not_matter() -> None:
    inputs = subgraphs(auth=AUTH, tasks=TASKS)
    assert compose(inputs) == compose(inputs[::-1])


@pytest.mark.parametrize(("minor", "join"), [(0, "0.3"), (6, "0.3"), (7, "0.4"), (8, "0.5"), (14, "0.5")])
def test_join_version_follows_the_newest_federation_version(minor: int, join: str) -> None:
    sdl = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{minor}") type Query {{ a: Int }}'
    assert f"join/v{join}" in (compose(subgraphs(a=sdl, old="type Query { b: Int }")).supergraph_sdl or "")


def test_error_names_subgraph_place_and_remedy() -> None:
    sdl = linked("@key") + 'type Query { me: User }\ntype User @key(fields: "uid") {\n  id: ID!\n}'
    (error,) = compose(subgraphs(auth=sdl)).errors
    assert error.code == "KEY_INVALID_FIELDS"
    assert error.subgraphs == ("auth",)
    assert [(place.subgraph, place.line, place.column) for place in error.locations] == [("auth", 3, 11)]
    assert "[auth]" in error.message
    assert ERRORS[error.code].remedy


def test_syntax_error_names_its_place() -> None:
    (error,) = compose(subgraphs(a="type Query {\n  a: }")).errors
    assert (error.code, error.locations[0].line) == ("INVALID_GRAPHQL", 2)


def test_every_bad_subgraph_is_reported_at_once() -> None:
    bad = linked("@key") + 'type Query { t: T } type T @key(fields: "no") { id: ID }'
    assert codes(a=bad, b="type Query { a: Unknown }", c="type {") == {"KEY_INVALID_FIELDS", "INVALID_GRAPHQL"}


@pytest.mark.parametrize("names", [("a", "a"), ("",), ("__a",)])
def test_unusable_names_of_subgraphs_are_refused(names: tuple[str, ...]) -> None:
    composition = compose([SubgraphInput(name, "type Query { a: Int }") for name in names])
    assert {error.code for error in composition.errors} == {"INVALID_SUBGRAPH_NAME"}


def test_no_subgraph_at_all_has_no_queries() -> None:
    assert {error.code for error in compose([]).errors} == {"NO_QUERIES"}


def test_refused_set_has_no_texts_and_no_hints() -> None:
    composition = compose(subgraphs(a="type Query { a: Int }", b=linked() + "type Query { a: Int }"))
    assert (composition.supergraph_sdl, composition.api_schema_sdl, composition.hints) == (None, None, ())
    assert composition.errors


def test_collector_is_on_again_afterwards() -> None:
    compose(subgraphs(a="type {"))
    assert gc.isenabled()


NESTED = "[" * 5_000 + "Int" + "]" * 5_000


@pytest.mark.parametrize(
    "sdl", [f"type Query {{ a: {NESTED} }}", "type Query { a(x: Int = " + "[" * 50_000 + "): Int }"]
)
def test_deep_nesting_is_refused_with_a_code(sdl: str) -> None:
    assert codes(a=sdl) == {"INVALID_GRAPHQL"}


PIECES = (
    *("type", "interface", "union", "enum", "input", "scalar", "extend", "schema", "directive", "implements", "on"),
    *("Query", "T", "I", "U", "E", "id", "name", "ID", "Int", "String", "FIELD_DEFINITION", "OBJECT", "repeatable"),
    *("{", "}", "(", ")", "[", "]", "!", ":", "=", "|", "&", "@", "1", '"id"', '"id { name }"', '""', "null", "true"),
    *(
        "@key",
        "@shareable",
        "@external",
        "@requires",
        "@provides",
        "@override",
        "@interfaceObject",
        "@context",
        "@link",
    ),
    *("(fields:", "(from:", "(url:", "(name:", ")", "\n", " "),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=60), min_size=1, max_size=2), st.booleans())
def test_random_words_yield_coded_errors_and_nothing_else(documents: list[list[str]], federated: bool) -> None:
    head = linked("@key", "@shareable", "@external", "@requires", "@provides", "@override") if federated else ""
    inputs = [SubgraphInput(f"s{number}", head + " ".join(words)) for number, words in enumerate(documents)]
    composition = compose(inputs)
    assert all(error.code in ERRORS for error in composition.errors)
    assert (composition.supergraph_sdl is None) == bool(composition.errors)
