"""Draws value types and entities: their keys, who is home to them, their leaf fields, and overrides."""

from __future__ import annotations

from tests.differential.drawing.draft import Draft
from tests.differential.fieldset import Pick, Picks
from tests.differential.world import LABEL, FieldSpec, TypeSpec

ID: Picks = (Pick("id"),)
CODE: Picks = (Pick("code"),)
HALVES: Picks = (Pick("half"), Pick("odd"))
NESTED: Picks = (Pick("org", below=(Pick("code"), Pick("unit", below=(Pick("no"),)))),)
THROUGH_ENTITY: Picks = (Pick("owner", below=(Pick("id"),)),)


def draw_values(draft: Draft) -> None:
    """Value types that every subgraph may share; some lead to others, and one is hidden from clients."""
    subgraphs = draft.world.subgraphs
    for number in range(draft.dice.randint(1, 3)):
        name = f"V{number}"
        fields = [draft.leaf(f"v{number}{at}", subgraphs) for at in range(draft.dice.randint(2, 3))]
        fields.append(FieldSpec("shared", owners=list(subgraphs)))
        if number and draft.chance(40):
            inner = FieldSpec(f"v{number}v", target="V0", nullable=draft.shape(30), owners=list(subgraphs))
            fields.append(inner)
        draft.world.types[name] = TypeSpec(name, {each.name: each for each in fields})
    secret = [FieldSpec("shared", owners=list(subgraphs)), FieldSpec("secret", owners=list(subgraphs))]
    draft.world.types["Dark"] = TypeSpec("Dark", {each.name: each for each in secret}, hidden=True)


def draw_entities(draft: Draft) -> None:
    """Two to five entities. The first is known everywhere by its id, so that keys may lead through it."""
    _draw_nested_key_types(draft)
    for number in range(draft.dice.randint(2, 5)):
        spec = _entity(draft, number)
        draft.world.types[spec.name] = spec
        if number == 0:
            draft.key_everywhere(spec, "id")
        for home in draft.some(draft.world.subgraphs, 1, 3):
            draft.settle(spec.name, home)
        if "id" not in {pick.name for keyed in spec.keys for pick in keyed}:
            spec.fields["id"].owners = [next(iter(spec.homes))]
            spec.fields["id"].key = True
        _draw_leaves(draft, spec)


def _draw_nested_key_types(draft: Draft) -> None:
    everywhere = draft.world.subgraphs
    org = [
        FieldSpec("code", nullable=(False,), owners=list(everywhere), key=True),
        FieldSpec("unit", target="Unit", nullable=(False,), owners=list(everywhere), key=True),
    ]
    unit = [
        FieldSpec("no", nullable=(False,), owners=list(everywhere), key=True),
        FieldSpec("title", owners=list(everywhere)),
    ]
    draft.world.types["Unit"] = TypeSpec("Unit", {each.name: each for each in unit})
    draft.world.types["Org"] = TypeSpec("Org", {each.name: each for each in org})


def _entity(draft: Draft, number: int) -> TypeSpec:
    options: list[Picks] = [CODE, HALVES, NESTED, (*ID, *CODE)]
    if number > 0:
        options.append(THROUGH_ENTITY)
    keys = [ID] if number == 0 or draft.chance(75) else []
    if not keys or draft.chance(50):
        keys += draft.some(options, 1, 2)
    named = {pick.name for keyed in keys for pick in keyed} | {"id"}
    fields = {
        "id": FieldSpec("id", "ID"),
        "code": FieldSpec("code"),
        "half": FieldSpec("half", "Int"),
        "odd": FieldSpec("odd", "Int"),
        "org": FieldSpec("org", target="Org"),
        "owner": FieldSpec("owner", target="T0"),
    }
    for each in fields.values():
        each.key, each.nullable = True, (False,)
    return TypeSpec(f"T{number}", {name: each for name, each in fields.items() if name in named}, keys)


def _draw_leaves(draft: Draft, spec: TypeSpec) -> None:
    homes = list(spec.homes)
    for at in range(draft.dice.randint(2, 5)):
        shared = len(homes) > 1 and draft.chance(20)
        field = draft.leaf(f"{spec.name.lower()}f{at}", draft.some(homes, 2, 2) if shared else [draft.one(homes)])
        if shared and field.nullable[0] and draft.chance(30):
            field.strict_in = field.owners[:1]
        spec.fields[field.name] = field
        draw_override(draft, field, homes)


def draw_override(draft: Draft, field: FieldSpec, homes: list[str]) -> None:
    """Lets a field's owner take it over from another home, perhaps progressively."""
    others = [home for home in homes if home not in field.owners]
    if others and len(field.owners) == 1 and draft.chance(15):
        field.overridden = draft.one(others)
        field.label = LABEL if draft.chance(50) else ""


def draw_split_values(draft: Draft) -> None:
    """A value without a key under an entity's field, every part of it known to another subgraph."""
    for spec in draft.world.entities:
        if len(spec.homes) < 2 or not draft.chance(25):
            continue
        homes = draft.some(list(spec.homes), 2, 2)
        name = f"Split{spec.name}"
        parts = [
            FieldSpec(f"part{at}", nullable=(draft.chance(80),), owners=[homes[at % 2]])
            for at in range(draft.dice.randint(2, 4))
        ]
        draft.world.types[name] = TypeSpec(name, {each.name: each for each in parts}, split=True)
        spec.fields["split"] = FieldSpec("split", target=name, nullable=draft.shape(30), owners=homes)
