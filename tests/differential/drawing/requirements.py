"""Draws fields that are computed of others: of leaves, through values and entities, of one another in chains."""

from __future__ import annotations

from tests.differential.drawing.draft import Draft
from tests.differential.fieldset import Pick, Picks
from tests.differential.world import FieldSpec, TypeSpec


def draw_requirements(draft: Draft) -> None:
    """What is drawn earlier may be required by what is drawn later, so that nothing requires itself."""
    for _ in range(2):
        for spec in draft.world.entities:
            if draft.chance(60):
                _draw_computed(draft, spec)


def _draw_computed(draft: Draft, spec: TypeSpec) -> None:
    home = draft.one(list(spec.homes))
    outside = [each for each in spec.fields.values() if home not in each.owners]
    needs = _needs(draft, home, draft.some(outside, 1, 3), 2)
    if not needs:
        return
    name = f"{spec.name.lower()}c{len(spec.fields)}"
    arguments = draft.arguments() if draft.chance(15) else ()
    field = FieldSpec(name, nullable=(draft.chance(85),), arguments=arguments, owners=[home], requires=needs)
    targets = [each.name for each in draft.world.entities if draft.can_know(home, each.name)]
    if targets and draft.chance(20):
        field.target = draft.one(targets)
        draft.settle(field.target, home)
    spec.fields[name] = field


def _needs(draft: Draft, home: str, fields: list[FieldSpec], depth: int) -> Picks:
    picks: list[Pick] = []
    for each in fields:
        if each.overridden == home or each.label or each.key or (each.target and not depth):
            continue
        below = _below(draft, home, each, depth - 1) if each.target else ()
        if below or not each.target:
            picks.append(Pick(each.name, _literals(draft, each), below))
    return tuple(picks)


def _literals(draft: Draft, field: FieldSpec) -> tuple[tuple[str, int], ...]:
    given = [each.name for each in field.arguments if each.type == "Int!" or (each.type == "Int" and draft.chance(60))]
    return tuple((name, draft.dice.randint(1, 2)) for name in given if name != "dark")


def _below(draft: Draft, home: str, field: FieldSpec, depth: int) -> Picks:
    spec = draft.world.types.get(field.target)
    if spec is None:
        return _below_abstract(draft, home, field, depth)
    if spec.split or not draft.can_know(home, field.target):
        return ()
    draft.settle(field.target, home)
    return _needs(draft, home, draft.some(_nestable(spec, home), 1, 2), depth)


def _below_abstract(draft: Draft, home: str, field: FieldSpec, depth: int) -> Picks:
    """Type conditions on members, where the home knows all that may come."""
    abstract = draft.world.unions.get(field.target) or draft.world.interfaces[field.target]
    if not set(field.choices) <= set(abstract.homes.get(home, ())):
        return ()
    picks: list[Pick] = []
    for name in draft.some(field.choices, 1, 2):
        nestable = _nestable(draft.world.types[name], home)
        below = _needs(draft, home, draft.some(nestable, 1, 2), depth)
        if below:
            picks.append(Pick(on=name, below=below))
    return tuple(picks)


def _nestable(spec: TypeSpec, home: str) -> list[FieldSpec]:
    """Fields that a requirement through a reference may name: any, but what this home computes itself."""
    return [each for each in spec.fields.values() if not (each.requires and home in each.owners)]
