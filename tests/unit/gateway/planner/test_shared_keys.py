"""Values of different fields never meet under one key of the merged data, and objects are asked for their own alone."""

from __future__ import annotations

import pytest
from graphql import OverlappingFieldsCanBeMergedRule, parse, validate

from gateway.composition import SubgraphInput, compose
from gateway.planner.dump import dump_plan
from gateway.planner.plan import Planner, Stages
from gateway.planner.soundness import check_soundness
from gateway.supergraph.model import Supergraph
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


def planned(text: str) -> tuple[Supergraph, Stages]:
    composition = compose([SubgraphInput("media", LINK + MEDIA, ""), SubgraphInput("reviews", LINK + REVIEWS, "")])
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = parse_supergraph(composition.supergraph_sdl)
    return supergraph, Planner(supergraph).stages(parse(text))


def findings(text: str) -> list[str]:
    """What the static check says of the plan."""
    supergraph, stages = planned(text)
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


def test_an_interface_object_is_not_asked_for_what_only_another_type_selected() -> None:
    _, stages = planned("{ media { ... on Book { stars } ... on Film { a: stars(of: 1) } } }")
    text = dump_plan(stages.plan)
    assert text.count("Fetch ") == 2, text
    assert "{stars}" in text, text
    assert "{a:stars(of: 1)}" in text, text


def test_types_that_select_alike_share_a_call_to_an_interface_object() -> None:
    _, stages = planned("{ media { ... on Book { stars } ... on Film { stars minutes } } }")
    assert dump_plan(stages.plan).count("_entities(representations") == 1


SHELF = """
    type Query { shelf: [Item!]! }
    interface Item { title: String holder: Person }
    type Book implements Item { title: String! holder: Person! }
    type Film implements Item { title: String holder: Person }
    type Person { id: ID! name: String }
"""


@pytest.mark.parametrize(
    "fields",
    [
        "title @include(if: $all) ... on Book { ... on Item { title } }",
        "... on Book { ... on Item { title } } title @skip(if: $all)",
        "... on Book @skip(if: $all) { ... on Item { title } } title @include(if: $all)",
        "holder { name } ... on Book { ... on Item { holder { id } } }",
        "holder { name } ... on Book @skip(if: $all) { ... on Item { holder { id } } }",
    ],
)
def test_a_value_that_a_type_has_in_another_shape_than_its_interface_has_one_key(fields: str) -> None:
    composition = compose([SubgraphInput("shelf", SHELF, "")])
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = parse_supergraph(composition.supergraph_sdl)
    document = parse(f"query($all: Boolean! = true) {{ shelf {{ {fields} }} }}")
    assert validate(supergraph.api_schema, document, [OverlappingFieldsCanBeMergedRule]) == []
    stages = Planner(supergraph).stages(document)
    assert check_soundness(supergraph, stages.operation, stages.plan) == []


LABELS = """
    type Book @key(fields: "id") { id: ID! title: String! @external label: String @requires(fields: "title") }
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])
"""


def test_a_requirement_is_fetched_where_the_interface_has_it_in_another_shape_under_a_condition() -> None:
    keyed = 'type Book implements Item @key(fields: "id") { id: ID!'
    shelf = LINK + SHELF.replace("type Book implements Item {", keyed)
    composition = compose([SubgraphInput("shelf", shelf, ""), SubgraphInput("labels", LABELS, "")])
    assert composition.supergraph_sdl is not None, composition.errors
    planner = Planner(parse_supergraph(composition.supergraph_sdl))
    plan = planner.plan(parse("query($all: Boolean!) { shelf { title @include(if: $all) ... on Book { label } } }"))
    text = dump_plan(plan)
    assert "...on Book{title id} ...on Film{_title_1:title@include(if:$all)}" in text, text
    assert "Book as Book {id title}" in text, text


IMPORTS = (
    '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@requires", "@external"])'
)
GALLERY = f"""
    extend schema {IMPORTS}
    type Query {{ rooms: [Room] }}
    type Room @key(fields: "no") {{ no: ID! piece: Piece @shareable }}
    interface Piece {{ id: ID! }}
    type Bust implements Piece @key(fields: "id") {{ id: ID! stone: String @shareable }}
    type Print implements Piece @key(fields: "id") {{ id: ID! }}
"""
GUIDE = f"""
    extend schema {IMPORTS}
    type Room @key(fields: "no") {{
        no: ID!
        piece: Piece @external
        sign: String @requires(fields: "piece {{ ... on Bust {{ stone }} }}")
    }}
    interface Piece {{ id: ID! }}
    type Bust implements Piece @key(fields: "id") {{ id: ID! stone: String @external }}
    type Print implements Piece @key(fields: "id") {{
        id: ID!
        paper: String @external
        ink: String @requires(fields: "paper")
    }}
"""
MILL = f"""
    extend schema {IMPORTS}
    type Print @key(fields: "id") {{ id: ID! paper: String }}
    type Bust @key(fields: "id") {{ id: ID! weight: Int }}
"""
ARCHIVE = f"""
    extend schema {IMPORTS}
    type Room @key(fields: "no") {{ no: ID! piece: Piece @shareable }}
    interface Piece {{ id: ID! }}
    type Bust implements Piece @key(fields: "id") {{ id: ID! }}
"""


def test_nothing_is_missed_on_a_type_that_a_subgraph_sharing_the_field_does_not_know() -> None:
    named = [("gallery", GALLERY), ("guide", GUIDE), ("mill", MILL), ("archive", ARCHIVE)]
    composition = compose([SubgraphInput(name, sdl, "") for name, sdl in named])
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = parse_supergraph(composition.supergraph_sdl)
    stages = Planner(supergraph).stages(
        parse("{ rooms { piece { ... on Print { ink } ... on Bust { weight } } sign } }")
    )
    assert check_soundness(supergraph, stages.operation, stages.plan) == [], dump_plan(stages.plan)


@pytest.mark.parametrize("book", ["Book", "Tome"])  # types take their keys in the order of their names
@pytest.mark.parametrize(
    "fields",
    [
        "... @defer { title } ... on Book @defer { ... on Item { title } }",
        "... on Book @defer { ... on Item { title } } ... @defer { title }",
        "... on Book @defer { ... on Item { title } } ... on Book @defer { label }",
        "... @defer { title } ... on Book @defer { label }",
        "title @include(if: $all) ... on Book @defer { label }",
    ],
)
def test_each_deferred_part_reads_a_value_under_the_key_that_it_was_fetched_under_for_it(
    book: str, fields: str
) -> None:
    shelf = LINK + SHELF.replace(" implements Item {", ' implements Item @key(fields: "id") { id: ID!')
    named = [("shelf", shelf), ("labels", LABELS)]
    composition = compose([SubgraphInput(name, sdl.replace("Book", book), "") for name, sdl in named])
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = parse_supergraph(composition.supergraph_sdl)
    document = parse(f"query($all: Boolean! = true) {{ shelf {{ {fields.replace('Book', book)} }} }}")
    stages = Planner(supergraph).stages(document, None, [], set())
    assert check_soundness(supergraph, stages.operation, stages.plan) == [], dump_plan(stages.plan)


SPINES = """
    extend schema @link(
        url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@interfaceObject", "@external", "@requires"]
    )
    type Query { best: Item }
    type Item @key(fields: "id") @interfaceObject {
        id: ID! title: String @external spine: String @requires(fields: "title")
    }
"""


def test_an_interface_object_is_told_what_it_needs_under_the_key_that_each_type_has_it_under() -> None:
    keyed = ' implements Item @key(fields: "id") { id: ID!'
    shelf = SHELF.replace(" implements Item {", keyed).replace("Item {", 'Item @key(fields: "id") { id: ID!', 1)
    composition = compose([SubgraphInput("shelf", LINK + shelf, ""), SubgraphInput("spines", SPINES, "")])
    assert composition.supergraph_sdl is not None, composition.errors
    query = "{ best { title ... on Book { ... on Item { title } } ... @defer { spine } } }"
    planner = Planner(parse_supergraph(composition.supergraph_sdl))
    text = dump_plan(planner.stages(parse(query), None, [], set()).plan)
    assert "Book as Item {id title?}" in text, text
    assert "Film as Item {id title=_title_1?}" in text, text
