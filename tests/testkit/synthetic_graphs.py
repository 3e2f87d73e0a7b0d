"""Owns synthetic supergraphs for measures of the planner: the hard-planning graph and a large one."""

from __future__ import annotations

from itertools import combinations
from random import Random

JOIN_HEADER = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{ query: Query }
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false)
  repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""


def graph_enum(names: list[str]) -> str:
    """The enum of subgraphs."""
    values = "\n".join(f'{name} @join__graph(name: "{name.lower()}", url: "http://{name.lower()}")' for name in names)
    return f"enum join__Graph {{\n{values}\n}}\n"


def hard_supergraph() -> str:
    """One entity in seven subgraphs, seven scalars and seven fields of its own type, each in another four of them."""
    graphs = [f"S{number}" for number in range(7)]
    placements = list(combinations(graphs, 4))
    fields = ["id: ID!"]
    for number in range(14):
        name, type_name = (f"scalar{number}", "String") if number < 7 else (f"node{number - 7}", "Node")
        placed = placements[(number * 5) % len(placements)]
        fields.append(f"{name}: {type_name} {' '.join(f'@join__field(graph: {graph})' for graph in placed)}")
    keys = " ".join(f'@join__type(graph: {graph}, key: "id")' for graph in graphs)
    roots = " ".join(f"@join__type(graph: {graph})" for graph in graphs)
    body = "\n  ".join(fields)
    return (
        f"{JOIN_HEADER}{graph_enum(graphs)}"
        f"type Query {roots} {{ start: Node @join__field(graph: S0) }}\n"
        f"type Node {keys} {{\n  {body}\n}}\n"
    )


def hard_query(seed: int, depth: int = 5) -> str:
    """Four of the object fields at each level, four scalars at each leaf, drawn anew at every place."""
    draw = Random(seed)

    def level(left: int) -> str:
        picked = sorted(draw.sample(range(7), 4))
        if left == 0:
            return " ".join(f"scalar{at}" for at in picked)
        return " ".join(f"node{at} {{ {level(left - 1)} }}" for at in picked)

    return f"{{ start {{ {level(depth - 1)} }} }}"


def large_supergraph(types: int = 1000, subgraphs: int = 30) -> str:
    """Many entities, each in three subgraphs, with fields that lead from one to another."""
    graphs = [f"G{number}" for number in range(subgraphs)]
    parts = [JOIN_HEADER, graph_enum(graphs)]
    roots = " ".join(f"@join__type(graph: {graph})" for graph in graphs)
    queries = []
    for number in range(types):
        home = [graphs[(number + step) % subgraphs] for step in (0, 7, 13)]
        keys = " ".join(f'@join__type(graph: {graph}, key: "id")' for graph in home)
        fields = ["id: ID!"]
        for at, graph in enumerate(home):
            fields += [f"value{at}{part}: String @join__field(graph: {graph})" for part in range(3)]
        for step in (subgraphs, 2 * subgraphs, 7, 13):
            target = (number + step) % (types - types % subgraphs)
            fields.append(f"next{step}: T{target} @join__field(graph: {_shared(number, target, graphs)})")
        parts.append(f"type T{number} {keys} {{ {' '.join(fields)} }}")
        if number < 10 * subgraphs:
            queries.append(f"t{number}(id: ID): T{number} @join__field(graph: {home[0]})")
    parts.append(f"type Query {roots} {{ {' '.join(queries)} }}")
    return "\n".join(parts)


def _shared(number: int, target: int, graphs: list[str]) -> str:
    """A subgraph that knows both types."""
    homes = [{graphs[(at + step) % len(graphs)] for step in (0, 7, 13)} for at in (number, target)]
    return min(homes[0] & homes[1])


def large_query(depth: int = 4) -> str:
    """A tree of entities with values from all their subgraphs."""

    def level(left: int) -> str:
        values = " ".join(f"value{at}{part}" for at in range(3) for part in range(2))
        if left == 0:
            return values
        return f"{values} next30 {{ {level(left - 1)} }} next7 {{ {level(left - 1)} }} next13 {{ {level(left - 1)} }}"

    return f"{{ t0 {{ {level(depth - 1)} }} t40 {{ {level(depth - 1)} }} }}"
