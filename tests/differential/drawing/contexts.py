"""Draws contexts: entities whose fields take values from the nearest object above that sets them.

Invariant: such an entity is met below a type that sets its contexts and nowhere else, so the graph is satisfiable.
"""

from __future__ import annotations

from tests.differential.drawing.draft import Draft
from tests.differential.drawing.entities import ID
from tests.differential.fieldset import Pick
from tests.differential.world import ContextSpec, FieldSpec, Home, TypeSpec


def draw_contexts(draft: Draft) -> None:
    """After faults: what is read from above neither fails nor is missing."""
    world = draft.world
    home = draft.one(world.subgraphs)
    fields = {each.name: _offered(draft, each, home) for each in world.entities if home in each.homes}
    setters = {name: offered for name, offered in fields.items() if offered}
    if not setters or draft.chance(50):
        return
    names = draft.some(list(setters), 1, 3)
    by_id = draft.chance(30) and all("id" in setters[name] for name in names)
    chosen = {name: "id" if by_id else draft.one([each for each in setters[name] if each != "id"]) for name in names}
    world.contexts = {"outer": ContextSpec("outer", home, chosen), "inner": ContextSpec("inner", home, {"Deep0": "id"})}
    deepest, deep = _entity(draft, "Deep1", home), _entity(draft, "Deep0", home)
    _take(deep, "drawn", ["outer"])
    _take(deepest, "both", ["outer", "inner"])
    if home not in deepest.fields["plain"].owners:
        _take(deepest, "made", ["inner"])
        deepest.fields["made"].requires = (Pick("plain"),)
    _lead(draft, deep, "deeper", "Deep1", home)
    for name in names:
        shared = [each for each in world.types[name].homes if each in deep.homes]
        _lead(draft, world.types[name], "deep", "Deep0", draft.one([home, *shared]))


def _offered(draft: Draft, spec: TypeSpec, home: str) -> list[str]:
    if any((each, spec.name) in draft.world.missing for each in spec.homes):
        return []
    plain = [
        each.name
        for each in spec.fields.values()
        if not each.target and each.scalar == "String" and not each.lists and home in each.owners and not each.arguments
        and not each.requires and not each.fails and not each.overridden
    ]  # fmt: skip
    return [*plain, "id"] if home in spec.fields["id"].owners and plain else plain


def _entity(draft: Draft, name: str, home: str) -> TypeSpec:
    homes = list(dict.fromkeys([home, draft.one(draft.world.subgraphs)]))
    fields = {
        "id": FieldSpec("id", "ID", nullable=(False,), owners=list(homes), key=True),
        "plain": FieldSpec("plain", owners=[draft.one(homes)]),
    }
    spec = TypeSpec(name, fields, [ID], [ID], {each: Home([ID]) for each in homes})
    draft.world.types[name] = spec
    return spec


def _take(spec: TypeSpec, name: str, contexts: list[str]) -> None:
    spec.fields[name] = FieldSpec(name, owners=[next(iter(spec.homes))], contexts=contexts)


def _lead(draft: Draft, spec: TypeSpec, name: str, target: str, home: str) -> None:
    spec.homes[home].resolvable = True
    spec.fields[name] = FieldSpec(name, target=target, nullable=draft.shape(50), owners=[home])
