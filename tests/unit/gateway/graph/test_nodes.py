"""The query graph has an edge exactly where a subgraph resolves a field, and entries only by resolvable keys."""

from __future__ import annotations

from gateway.graph.nodes import Graph, Node
from gateway.supergraph.parse import parse_supergraph
from tests.testkit.synthetic_graphs import JOIN_HEADER, graph_enum

SDL = (
    JOIN_HEADER
    + graph_enum(["A", "B", "C"])
    + """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  items: [Item] @join__field(graph: A)
  book: Book @join__field(graph: B, provides: "title")
}
interface Item @join__type(graph: A) @join__type(graph: C, key: "id", isInterfaceObject: true) {
  id: ID!
  title: String @join__field(graph: A)
  score: Int @join__field(graph: C)
}
type Book implements Item
  @join__implements(graph: A, interface: "Item")
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false)
{
  id: ID!
  title: String @join__field(graph: A) @join__field(graph: B, external: true)
  length: Int @join__field(graph: B, requires: "title")
  score: Int @join__field
}
type Film implements Item @join__implements(graph: A, interface: "Item") @join__type(graph: A, key: "id") {
  id: ID!
  title: String @join__field(graph: A, external: true)
  score: Int @join__field
}
"""
)
GRAPH = Graph(parse_supergraph(SDL))


def node(type_name: str, subgraph: str) -> Node:
    found = GRAPH.node(type_name, subgraph)
    assert found is not None
    return found


def test_an_external_field_has_no_edge() -> None:
    assert node("Book", "B").field("title") is None


def test_an_external_field_has_an_edge_where_it_is_provided() -> None:
    edge = node("Query", "B").field("book")
    assert edge is not None
    assert edge.target is not None
    assert edge.target.field("title") is not None


def test_an_edge_carries_its_requirement() -> None:
    edge = node("Book", "B").field("length")
    assert edge is not None
    assert edge.requires is not None
    assert edge.requires.text == "{title}"


def test_an_interface_has_an_edge_only_if_all_its_types_resolve_the_field() -> None:
    assert node("Item", "A").field("id") is not None
    assert node("Item", "A").field("title") is None


def test_entries_use_resolvable_keys_and_interface_objects() -> None:
    entries = [(edge.target.subgraph, edge.typename) for edge in node("Book", "A").entries()]
    assert entries == [("A", "Book"), ("C", "Item")]


def test_a_type_that_cannot_occur_does_not_narrow() -> None:
    assert node("Item", "A").narrow("Film") is not None
    assert node("Item", "A").narrow("Query") is None


def test_a_labelled_override_flips_with_its_label() -> None:
    sdl = (
        JOIN_HEADER.replace("usedOverridden: Boolean", "usedOverridden: Boolean, overrideLabel: String")
        + graph_enum(["A", "B"])
        + """
type Query @join__type(graph: A) { user: User }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  mail: String @join__field(graph: A, overrideLabel: "l") @join__field(graph: B, override: "a", overrideLabel: "l")
}
"""
    )
    supergraph = parse_supergraph(sdl)
    resolving = {
        labels: [
            subgraph
            for subgraph in ("A", "B")
            if (found := Graph(supergraph, labels).node("User", subgraph)) and found.field("mail")
        ]
        for labels in (frozenset[str](), frozenset({"l"}))
    }
    assert resolving == {frozenset(): ["A"], frozenset({"l"}): ["B"]}


def test_a_field_that_takes_an_argument_from_a_context_is_not_resolved() -> None:
    argument = '{context: "c", name: "a", type: "String", selection: " { name }"}'
    sdl = (
        JOIN_HEADER
        + graph_enum(["A"])
        + f"""
type Query @join__type(graph: A) {{ user: User }}
type User @join__type(graph: A) {{
  name: String
  greeting: String @join__field(graph: A, contextArguments: [{argument}])
}}
"""
    )
    user = Graph(parse_supergraph(sdl)).node("User", "A")
    assert user is not None
    assert user.field("name") is not None
    assert user.field("greeting") is None
