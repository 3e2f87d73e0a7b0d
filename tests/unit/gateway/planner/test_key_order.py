"""The keys of an answer stand in the order in which the operation first names them (GraphQL, CollectFields)."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.composition import SubgraphInput, compose
from gateway.planner.plan import plan
from gateway.supergraph.parse import parse_supergraph

SDL = """
type Query { media: Media }
interface Media { id: ID! shared: Int next: Media }
type Book implements Media @key(fields: "id") { id: ID! shared: Int next: Media x: Int y: Int }
type Film implements Media @key(fields: "id") { id: ID! shared: Int next: Media z: Int }
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
"""


@pytest.mark.parametrize(
    ("selected", "keys"),
    [
        ("... on Book { x } shared ... on Book { y }", ["x", "shared", "y"]),
        ("... on Book { x } ... on Film { z } ... on Book { shared y x }", ["x", "shared", "y"]),
        ("... on Book { x } shared ... on Book { ... on Book { y } id }", ["x", "shared", "y", "id"]),
    ],
)
@pytest.mark.parametrize("wrapped", ["media {{ {} }}", "media {{ next {{ {} }} next {{ shared }} }}"])
def test_joining_fragments_moves_no_key(selected: str, keys: list[str], wrapped: str) -> None:
    sdl = compose([SubgraphInput(name="a", sdl=SDL, url="http://a")]).supergraph_sdl
    assert sdl is not None
    found = plan(parse_supergraph(sdl), parse("{ " + wrapped.format(selected) + " }")).projection
    while found is not None and [field.response_key for field in found.fields] in (["media"], ["next"]):
        (field,) = found.fields
        assert field.children is not None
        found = field.children
    shown = [field.response_key for field in found.fields if field.types is None or "Book" in field.types]
    assert shown == list(dict.fromkeys([*keys, *(["shared"] if "next" in wrapped else [])]))
