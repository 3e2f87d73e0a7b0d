"""Draws fields that lead to objects: on entities, values, interface objects and the roots; and what they provide."""

from __future__ import annotations

from tests.differential.drawing.draft import Draft
from tests.differential.drawing.entities import draw_override
from tests.differential.fieldset import Pick, Picks
from tests.differential.world import AbstractSpec, FieldSpec, TypeSpec


def draw_references(draft: Draft) -> None:
    """References of entities and interface objects, and entities below value types."""
    for spec in draft.world.entities:
        for at in range(draft.dice.randint(1, 3)):
            homes = list(spec.homes)
            owners = draft.some(homes, 2, 2) if draft.chance(15) else [draft.one(homes)]
            field = _composite(draft, f"{spec.name.lower()}r{at}", owners)
            if field is not None:
                spec.fields[field.name] = field
                _override(draft, field, homes)
    for interface in draft.world.interfaces.values():
        if interface.objects and draft.chance(50):
            field = _composite(draft, "extraRef", [draft.one(interface.objects)])
            if field is not None:
                interface.extra[field.name] = field


def draw_entities_below_values(draft: Draft) -> None:
    """A value type may lead to an entity that every subgraph can know."""
    for spec in draft.world.values:
        options = [
            e.name for e in draft.world.entities if all(draft.can_know(s, e.name) for s in draft.world.subgraphs)
        ]
        if spec.name.startswith("V") and options and draft.chance(30):
            target = draft.one(options)
            name = f"{spec.name.lower()}ref"
            spec.fields[name] = FieldSpec(
                name, target=target, nullable=draft.shape(30), owners=list(draft.world.subgraphs)
            )
            for subgraph in draft.world.subgraphs:
                draft.settle(target, subgraph)


def draw_roots(draft: Draft) -> None:
    """Root fields: queries in every subgraph, some shared, and mutations in some."""
    world = draft.world
    for at, subgraph in enumerate(world.subgraphs):
        for number in range(draft.dice.randint(1, 3)):
            others = [name for name in world.subgraphs if name != subgraph]
            owners = [subgraph, draft.one(others)] if draft.chance(15) else [subgraph]
            field = _root(draft, f"q{at}{number}", owners)
            world.queries[field.name] = field
    for at, subgraph in enumerate(draft.some(world.subgraphs, 1, 3)):
        for number in range(draft.dice.randint(1, 2)):
            field = _root(draft, f"m{at}{number}", [subgraph])
            world.mutations[field.name] = field


def _root(draft: Draft, name: str, owners: list[str]) -> FieldSpec:
    field = _composite(draft, name, owners) if draft.chance(90) else None
    return field or draft.leaf(name, owners)


def _composite(draft: Draft, name: str, owners: list[str]) -> FieldSpec | None:
    """A field with something to lead to that all its owners know; None where there is nothing."""
    arguments = draft.arguments() if draft.chance(20) else ()
    field = FieldSpec(name, nullable=draft.shape(45), arguments=arguments, owners=owners)
    options = _abstract_options(draft, owners)
    if options and draft.chance(45):
        abstract = draft.one(options)
        field.target, field.choices = abstract.name, _members_in(abstract, owners)
    else:
        names = [each.name for each in draft.world.entities if all(draft.can_know(s, each.name) for s in owners)]
        if draft.chance(20):
            names = [n for n in draft.world.types if n.startswith("V") and all(draft.can_know(s, n) for s in owners)]
        if not names:
            return None
        field.target = draft.one(names)
        for owner in owners:
            draft.settle(field.target, owner)
    if len(owners) == 1 and draft.chance(30):
        field.provides = _provision(draft, owners[0], field.target, field.choices, 1)
    return field


def _abstract_options(draft: Draft, owners: list[str]) -> list[AbstractSpec]:
    known = [*draft.world.unions.values(), *draft.world.interfaces.values()]
    return [each for each in known if _members_in(each, owners)]


def _members_in(abstract: AbstractSpec, owners: list[str]) -> list[str]:
    """Members that all these subgraphs know; an interface object may be any of them."""
    sets = [set(abstract.members) if s in abstract.objects else set(abstract.homes.get(s, ())) for s in owners]
    return sorted(set.intersection(*sets))


def _override(draft: Draft, field: FieldSpec, homes: list[str]) -> None:
    """Takes a reference over from a home that knows what it leads to."""
    knowing = [home for home in homes if _knows(draft, home, field)]
    if not field.provides:
        draw_override(draft, field, knowing)


def _knows(draft: Draft, home: str, field: FieldSpec) -> bool:
    abstract = draft.world.unions.get(field.target) or draft.world.interfaces.get(field.target)
    if abstract is not None:
        return home not in abstract.objects and set(field.choices) <= set(abstract.homes.get(home, ()))
    spec = draft.world.types[field.target]
    return home in spec.homes or (not spec.keys and all(not each.target for each in spec.fields.values()))


def _provision(draft: Draft, home: str, target: str, choices: list[str], depth: int) -> Picks:
    """A field set of what the home does not resolve itself."""
    if target not in draft.world.types:
        if any(home in each.objects for each in draft.world.interfaces.values()):
            return ()
        inner = [(name, _provided_fields(draft, home, draft.world.types[name], depth)) for name in choices]
        return tuple(Pick(on=name, below=below) for name, below in inner if below)
    return _provided_fields(draft, home, draft.world.types[target], depth)


def _provided_fields(draft: Draft, home: str, spec: TypeSpec, depth: int) -> Picks:
    offered = [
        each
        for each in spec.fields.values()
        if spec.keys and home not in each.owners and not each.requires and not each.overridden and not each.arguments
        and not each.key and (not each.target or (depth and draft.world.types.get(each.target)))
    ]  # fmt: skip
    picks: list[Pick] = []
    for each in draft.some(offered, 1, 2):
        below = _below_provided(draft, home, each, depth) if each.target else ()
        if below or not each.target:
            picks.append(Pick(each.name, below=below))
    return tuple(picks)


def _below_provided(draft: Draft, home: str, field: FieldSpec, depth: int) -> Picks:
    spec = draft.world.types[field.target]
    if spec.split or not draft.can_know(home, field.target):
        return ()
    draft.settle(field.target, home)
    if spec.keys:
        return _provided_fields(draft, home, spec, depth - 1)
    plain = [each for each in spec.fields.values() if not each.target and not each.arguments]
    return tuple(Pick(each.name) for each in draft.some(plain, 1, 2))
