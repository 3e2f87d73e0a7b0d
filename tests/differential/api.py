"""Owns the schema that clients should see of a world, made from the world alone: the composer has no part in it."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema

from tests.differential.sources import FILTER, interface_type
from tests.differential.world import COLORS, AbstractSpec, FieldSpec, TypeSpec, World


def api_schema(world: World, sources: Iterable[str]) -> GraphQLSchema:
    """The schema; value types and enums that no subgraph mentions are not part of it."""
    return build_schema(_api_sdl(world, "\n".join(sources)))


def same_schemas(one: GraphQLSchema, other: GraphQLSchema) -> bool:
    """Whether clients see the same types by introspection, order aside."""
    return _sorted(one) == _sorted(other)


def _sorted(schema: GraphQLSchema) -> list[str]:
    definitions = print_schema(lexicographic_sort_schema(schema)).split("\n\n")
    return [each for each in definitions if not each.startswith(("directive", '"""\nDirective'))]


def _api_sdl(world: World, sources: str) -> str:
    parts = [
        _object(world, each) for each in world.types.values() if not each.hidden and f"type {each.name} " in sources
    ]
    parts += [_interface(world, each) for each in world.interfaces.values()]
    for each in world.unions.values():
        shown = [name for name in each.members if not world.types[name].hidden]
        parts.append(f"union {each.name} = {' | '.join(shown)}")
    for kind, fields in (("Query", world.queries), ("Mutation", world.mutations)):
        if fields:
            parts.append(f"type {kind} {{ {_fields(fields.values())} }}")
    if "input Filter" in sources:
        parts.append(FILTER)
    if "enum Color" in sources:
        parts.append(f"enum Color {{ {' '.join(COLORS)} }}")
    return "\n".join(parts)


def _object(world: World, spec: TypeSpec) -> str:
    names = [each.name for each in world.interfaces_of(spec.name)]
    implements = f" implements {' & '.join(names)}" if names else ""
    return f"type {spec.name}{implements} {{ {_fields(world.fields_of(spec.name))} }}"


def _interface(world: World, interface: AbstractSpec) -> str:
    declared = [
        f"{name}: {interface_type(name)}"
        for name in interface.fields
        if any(_declares(world, home, members, name) for home, members in interface.homes.items())
        or (name == "common" and any(each.requires for each in interface.extra.values()))
    ]
    return f"interface {interface.name} {{ {' '.join(declared)} {_fields(interface.extra.values())} }}"


def _declares(world: World, home: str, members: list[str], name: str) -> bool:
    return all(home in world.field(member, name).owners for member in members)


def _fields(fields: Iterable[FieldSpec]) -> str:
    return " ".join(_field(each) for each in fields if not each.hidden)


def _field(spec: FieldSpec) -> str:
    shown = [each.text() for each in spec.arguments if not each.hidden]
    arguments = f"({', '.join(shown)})" if shown else ""
    return f"{spec.name}{arguments}: {spec.type_text()}"
