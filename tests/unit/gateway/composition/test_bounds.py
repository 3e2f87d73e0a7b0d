"""Inputs that would grow without bound end, with a supergraph or a coded error."""

from __future__ import annotations

import pytest

from gateway.composition import Composition, SubgraphInput, compose

HEAD = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", '
    'import: ["@key", "@shareable", "@external", "@requires", "@context", "@fromContext"])\n'
)


def composed(*sdls: str) -> Composition:
    return compose(SubgraphInput(f"s{number}", HEAD + sdl) for number, sdl in enumerate(sdls))


@pytest.mark.parametrize("depth", [90, 5000])
@pytest.mark.parametrize(
    "sdl",
    [
        'type Query {{ t: T }} type T @key(fields: "{open}id{close}") {{ id: ID t: T }}',
        'type Query {{ t: T }} type T @key(fields: "id") '
        '{{ id: ID t: T @external x: Int @requires(fields: "{open}id{close}") }}',
    ],
)
def test_deep_field_sets(sdl: str, depth: int) -> None:
    composition = composed(sdl.format(open="t {" * depth, close="}" * depth))
    assert composition.supergraph_sdl or all(error.code for error in composition.errors)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_deep_values(opening: str, closing: str) -> None:
    composition = composed(f"scalar S type Query {{ t(x: S = {opening * 5000}1{closing * 5000}): Int }}")
    assert [error.code for error in composition.errors] == ["INVALID_GRAPHQL"]


def test_defaults_that_fill_each_other_in_are_left_out_of_the_api_schema() -> None:
    chain = " ".join(f"input I{n} {{ a: I{n + 1} = {{}} b: I{n + 1} = {{}} }}" for n in range(40))
    composition = composed(f"type Query {{ t(x: I0 = {{}}): Int }} {chain} input I40 {{ a: Int }}")
    assert "t(x: I0): Int" in (composition.api_schema_sdl or "")


def test_defaults_in_a_circle() -> None:
    composition = composed("type Query { t(x: A = {}): Int } input A { a: A = {} }")
    assert "t(x: A): Int" in (composition.api_schema_sdl or "")


def test_a_witness_query_stays_short() -> None:
    chain = " ".join(f"input I{n} {{ a: I{n + 1}! b: I{n + 1}! }}" for n in range(40)) + " input I40 { a: Int }"
    composition = composed(
        f"type Query {{ t(x: I0!): T }} type T @shareable {{ a: Int }} {chain}",
        "type Query { z: Int } type T { a: Int @shareable b: Int }",
    )
    assert [error.code for error in composition.errors] == ["SATISFIABILITY_ERROR"]
    assert len(composition.errors[0].message) < 2000


def test_a_long_circle_of_required_inputs_is_found_in_linear_time() -> None:
    size = 5000
    circle = " ".join(f"input I{n} {{ a: I{(n + 1) % size}! }}" for n in range(size))
    composition = composed(f"type Query {{ t(x: I0): Int }} {circle}")
    assert [error.code for error in composition.errors] == ["INVALID_GRAPHQL"]
