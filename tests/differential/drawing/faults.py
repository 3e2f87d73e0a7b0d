"""Draws what goes wrong: fields that fail, entities that a subgraph lacks; and what clients may not see.

A failing or missing value may not be null where an object that a requirement passes through would become null with
it: what is required is then null for all, which one schema over the same data cannot know. Likewise for what an
interface object resolves: it is asked for before the type is known, of objects that did not select it too.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.drawing.draft import Draft
from tests.differential.fieldset import Picks, names_of
from tests.differential.world import FieldSpec, TypeSpec, World


def draw_faults(draft: Draft) -> None:
    """After everything else."""
    needs = _Needs(draft.world)
    for spec in draft.world.types.values():
        for field in spec.fields.values():
            if needs.may_fail(spec.name, field):
                field.fails = draft.chance(8 if field.nullable[0] else 25)
            if not field.key and field.name not in ("common", "shared") and not spec.split and not spec.hidden:
                field.hidden = draft.chance(5)
        _draw_absence(draft, needs, spec)
    for field in (*draft.world.queries.values(), *draft.world.mutations.values()):
        field.fails = draft.chance(5)
    _draw_references_only(draft)


class _Needs:
    """What requirements name, and the types that they pass through."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.named: set[tuple[str, str]] = set()
        self.passed: set[str] = set()
        for spec in world.types.values():
            for field in world.fields_of(spec.name):
                self._note(spec.name, field.requires)

    def _note(self, type_name: str, picks: Picks) -> None:
        for pick in picks:
            if pick.on:
                self._note(pick.on, pick.below)
                continue
            self.named.add((type_name, pick.name))
            field = self._world.field(type_name, pick.name)
            for below in self._world.concrete(field.target) if field.target else ():
                self.passed.add(below)
                self._note(below, pick.below if below in self._world.types else ())

    def may_fail(self, type_name: str, field: FieldSpec) -> bool:
        if field.key or field.strict_in or ((type_name, field.name) in self.named and not field.nullable[0]):
            return False
        return field.nullable[0] or type_name not in self.passed


def _draw_absence(draft: Draft, needs: _Needs, spec: TypeSpec) -> None:
    """Subgraphs that lack some entities of a type, where nothing else is reached through them."""
    loud = draft.chance(40)  # the same for all that share a field
    for home in _possible_absences(draft.world, spec):
        own = [each for each in draft.world.fields_of(spec.name) if home in (*each.owners, each.overridden)]
        own = [each for each in own if not each.key]
        named = any((spec.name, each.name) in needs.named for each in own)
        own_may = all(
            needs.may_fail(spec.name, each) and (each.nullable[0] or each.name in spec.fields) for each in own
        )
        if own and not named and own_may and draft.chance(25):
            draft.world.missing[home, spec.name] = loud


def _possible_absences(world: World, spec: TypeSpec) -> Iterator[str]:
    objects = [each for each in world.interfaces_of(spec.name) if each.objects]
    if not spec.keys:
        return
    for interface in objects:
        yield from interface.objects
    for at, (name, home) in enumerate(spec.homes.items()):
        if any(name in each.homes for each in objects):
            continue
        own = {field for keyed in home.keys for field in names_of(keyed)}
        if any(each.key and each.name not in own and name in each.owners for each in spec.fields.values()):
            continue
        covered = [keyed for keyed in spec.keys if set(names_of(keyed)) <= own]
        if len(spec.keys) == 1 or (at > 0 and len(covered) == 1):
            yield name


def _draw_references_only(draft: Draft) -> None:
    """Homes that resolve nothing but keys may say so."""
    for spec in draft.world.entities:
        if any(each.objects for each in draft.world.interfaces_of(spec.name)):
            continue
        for name, home in list(spec.homes.items())[1:]:
            idle = all(each.key or name not in (*each.owners, each.overridden) for each in spec.fields.values())
            home.resolvable = not (idle and draft.chance(40))
