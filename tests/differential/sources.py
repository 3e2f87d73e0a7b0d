"""Owns the SDL of a world's subgraphs."""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.world import ENUM_VALUES, FieldSpec, TypeSpec, World, split_need

DIRECTIVES = "@key @shareable @external @requires @provides @override @interfaceObject @context @fromContext"


def subgraph_sdl(world: World, subgraph: str) -> str:
    """What one subgraph declares."""
    imports = ", ".join(f'"{name}"' for name in DIRECTIVES.split())
    parts = [f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [{imports}])']
    parts += [_entity(world, spec, subgraph) for spec in world.types.values() if subgraph in spec.homes]
    parts += _interfaces(world, subgraph)
    parts += [
        f"union {name} = {' | '.join(homes[subgraph])}" for name, homes in world.unions.items() if subgraph in homes
    ]
    body = "\n".join(parts)
    parts += [
        _value(spec, subgraph) for spec in world.values.values() if f": {spec.name}" in body or f"[{spec.name}" in body
    ]
    for kind, fields in (("Query", world.queries), ("Mutation", world.mutations)):
        own = [each for each in fields.values() if subgraph in each.owners]
        if own:
            parts.append(f"type {kind} {{ {' '.join(_field(each, subgraph, world) for each in own)} }}")
    if "Color" in "\n".join(parts):
        parts.append(f"enum Color {{ {' '.join(ENUM_VALUES)} }}")
    return "\n".join(parts) + "\n"


def externals(world: World, spec: TypeSpec, subgraph: str) -> set[str]:
    """Fields that a subgraph names in requirements or provides, without resolving them on its own."""
    found: set[str] = set()
    for each in spec.fields.values():
        if subgraph in each.owners:
            found |= {split_need(need)[0] for need in each.requires}
    for owner in world.types.values():
        for each in owner.fields.values():
            for need in each.requires if subgraph in each.owners else ():
                name, _, inner = split_need(need)
                if inner and owner.fields[name].target == spec.name:
                    found.add(inner)
    for each in _all_fields(world):
        if each.target == spec.name and subgraph in each.owners:
            found |= set(each.provides)
    return {name for name in found if subgraph not in spec.fields[name].owners}


def _all_fields(world: World) -> Iterator[FieldSpec]:
    for spec in world.types.values():
        yield from spec.fields.values()
    yield from world.queries.values()
    yield from world.mutations.values()


def _entity(world: World, spec: TypeSpec, subgraph: str) -> str:
    interfaces = [name for name in spec.interfaces if subgraph in world.interfaces[name].homes]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    outside = externals(world, spec, subgraph)
    lines = []
    for each in spec.fields.values():
        if subgraph in each.owners or each.overridden == subgraph:
            lines.append(_field(each, subgraph, world))
        elif each.name in outside:
            lines.append(f"{each.printed()} @external")
    body = "\n  ".join(lines)
    sets = [each.name for each in world.contexts.values() if each.home == subgraph and spec.name in each.fields]
    contexts = "".join(f' @context(name: "{name}")' for name in sets)
    return f'type {spec.name}{implements} @key(fields: "{spec.homes[subgraph]}"){contexts} {{\n  {body}\n}}'


def _field(spec: FieldSpec, subgraph: str, world: World) -> str:
    text = spec.printed()
    if spec.contexts and subgraph in spec.owners:
        text = f"{spec.name}({_from_contexts(spec, world)}): {spec.printed_type()}"
    if len(spec.owners) > 1 or any(spec.name in each.provides for each in _all_fields(world)):
        text += " @shareable"
    if spec.overridden is not None and subgraph in spec.owners:
        label = f', label: "{spec.label}"' if spec.label else ""
        text += f' @override(from: "{spec.overridden}"{label})'
    if spec.requires:
        text += f' @requires(fields: "{" ".join(_required(world, name) for name in spec.requires)}")'
    if spec.provides:
        text += f' @provides(fields: "{" ".join(spec.provides)}")'
    return text


def _from_contexts(spec: FieldSpec, world: World) -> str:
    drawn = [world.contexts[name] for name in spec.contexts]
    return ", ".join(
        f'{each.name}: {each.printed_type()} @fromContext(field: "${each.name} {each.selection()}")' for each in drawn
    )


def _required(world: World, need: str) -> str:
    name = split_need(need)[0]
    for spec in world.types.values():
        known = spec.fields.get(name)
        if known is not None and known.target in world.values:
            return f"{name} {{ {' '.join(world.values[known.target].fields)} }}"
    return need


def _value(spec: TypeSpec, subgraph: str) -> str:
    own = [each.printed() for each in spec.fields.values() if subgraph in each.owners]
    return f"type {spec.name}{'' if spec.split else ' @shareable'} {{ {' '.join(own)} }}"


def _interfaces(world: World, subgraph: str) -> Iterator[str]:
    for interface in world.interfaces.values():
        if subgraph in interface.homes:
            members = [world.types[name] for name in interface.types]
            common = all("common" in each.fields and subgraph in each.fields["common"].owners for each in members)
            key = ' @key(fields: "id")' if interface.object_home else ""
            yield f"interface {interface.name}{key} {{ id: ID!{' common: String' if common else ''} }}"
        elif interface.object_home == subgraph:
            fields = " ".join(_field(each, subgraph, world) for each in interface.extra.values())
            outside = " common: String @external" if "made" in interface.extra else ""
            yield f'type {interface.name} @key(fields: "id") @interfaceObject {{ id: ID! {fields}{outside} }}'
