"""Values of different fields never meet under one key of the merged data, whichever call brings them."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.composition import SubgraphInput, compose
from gateway.planner.plan import Planner
from gateway.planner.soundness import check_soundness
from gateway.supergraph.parse import parse_supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@interfaceObject"])'
MEDIA = """
    type Query { media: Media }
    interface Media @key(fields: "id") { id: ID! }
    type Book implements Media @key(fields: "id") { id: ID! pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! minutes: Int }
"""
REVIEWS = """
    type Query { reviewed: Media }
    type Media @key(fields: "id") @interfaceObject { id: ID! stars(of: Int): Int }
"""


def findings(text: str) -> list[str]:
    """What the static check says of the plan."""
    composition = compose([SubgraphInput("media", LINK + MEDIA, ""), SubgraphInput("reviews", LINK + REVIEWS, "")])
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = parse_supergraph(composition.supergraph_sdl)
    stages = Planner(supergraph).stages(parse(text))
    return check_soundness(supergraph, stages.operation, stages.plan)


@pytest.mark.parametrize("root", ["media", "reviewed"])
@pytest.mark.parametrize(
    "fields",
    [
        "... on Book { x: pages } ... on Film { x: stars } stars",
        "... on Book { stars x: pages } ... on Film { x: stars }",
        "... on Book { x: stars(of: 1) } ... on Film { x: stars(of: 2) }",
    ],
)
def test_a_key_that_types_use_differently_is_safe_from_an_interface_object(root: str, fields: str) -> None:
    assert findings(f"{{ {root} {{ {fields} }} }}") == []
