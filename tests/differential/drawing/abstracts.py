"""Draws interfaces, interface objects and unions; in some subgraphs they have fewer members than in others."""

from __future__ import annotations

from tests.differential.drawing.draft import Draft
from tests.differential.fieldset import Pick
from tests.differential.world import AbstractSpec, FieldSpec


def draw_interfaces(draft: Draft) -> None:
    """An interface of entities, perhaps with interface objects, and one of value types."""
    names = [each.name for each in draft.world.entities if any(len(k) == 1 and k[0].name == "id" for k in each.keys)]
    if len(names) > 1 and draft.chance(70):
        _draw_entity_interface(draft, draft.some(names, 2, 3))
    values = [each.name for each in draft.world.values if "shared" in each.fields and not each.hidden]
    if draft.chance(40):
        members = draft.some(values, 1, 3)
        homes = {home: list(members) for home in draft.some(draft.world.subgraphs, 1, 3)}
        draft.world.interfaces["IV"] = AbstractSpec("IV", homes, ["shared"])


def _draw_entity_interface(draft: Draft, members: list[str]) -> None:
    world = draft.world
    homes = draft.some(world.subgraphs, 1, len(world.subgraphs) if draft.chance(30) else 2)
    interface = AbstractSpec("I0", {}, ["id", "common"])
    for at, home in enumerate(homes):
        known = members if at == 0 or draft.chance(50) else draft.some(members, 1, len(members))
        interface.homes[home] = sorted(known)
    together = draft.chance(60)
    for member in members:
        spec = world.types[member]
        if not spec.always:
            draft.key_everywhere(spec, "id")
        for home in homes:
            if member in interface.homes[home]:
                draft.settle(member, home)
        owner = homes[0] if together else draft.one(list(spec.homes))
        spec.fields["common"] = FieldSpec("common", nullable=(draft.chance(75),), owners=[owner])
    world.interfaces["I0"] = interface
    outside = [name for name in world.subgraphs if all(name not in world.types[m].homes for m in members)]
    if outside and draft.chance(65):
        _draw_objects(draft, interface, draft.some(outside, 1, 2), together)


def _draw_objects(draft: Draft, interface: AbstractSpec, homes: list[str], together: bool) -> None:
    interface.objects = homes
    for at in range(draft.dice.randint(1, 3)):
        field = draft.leaf(f"extra{at}", draft.some(homes, 1, 2 if draft.chance(20) else 1))
        interface.extra[field.name] = field
    if together and draft.chance(50):
        interface.extra["made"] = FieldSpec("made", owners=[homes[0]], requires=(Pick("common"),))


def draw_unions(draft: Draft) -> None:
    """Unions of entities and value types, one of which clients may not see."""
    for number in range(draft.dice.randint(0, 2)):
        homes = {}
        for home in draft.some(draft.world.subgraphs, 1, 3):
            options = [each.name for each in draft.world.types.values() if _joins(draft, home, each.name)]
            homes[home] = draft.some(options, 1, 4)
        name = f"U{number}"
        shown = {member for members in homes.values() for member in members} - {"Dark"}
        if shown:
            draft.world.unions[name] = AbstractSpec(name, homes)
            for home, members in homes.items():
                for member in members:
                    draft.settle(member, home)


def _joins(draft: Draft, home: str, type_name: str) -> bool:
    return draft.can_know(home, type_name) and type_name not in ("Org", "Unit")
