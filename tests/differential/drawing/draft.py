"""Owns the world while it is drawn: chances, plain fields, and who gets to know which entity.

Invariant: a world composes and is satisfiable by construction: wherever a field of an entity is resolved, one of its
keys is known there, and the entity's first home knows all keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

from tests.differential.fieldset import names_of
from tests.differential.world import SCALARS, Argument, FieldSpec, Home, TypeSpec, World

ItemT = TypeVar("ItemT")

ARGUMENTS = (
    Argument("n", "Int"),
    Argument("n", "Int"),
    Argument("m", "Int", "7"),
    Argument("need", "Int!"),
    Argument("color", "Color", "GREEN"),
    Argument("filter", "Filter"),
    Argument("ids", "[ID!]", '["a"]'),
    Argument("dark", "Int", "3", hidden=True),
)


class Draft:
    """A world under way."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        count = self.dice.choice((2, 2, 3, 3, 3, 4, 4, 5, 6))
        self.world = World(seed, [f"s{number}" for number in range(count)], {})

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def one(self, items: Sequence[ItemT]) -> ItemT:
        return self.dice.choice(items)

    def some(self, items: Sequence[ItemT], low: int, high: int) -> list[ItemT]:
        return self.dice.sample(items, min(len(items), self.dice.randint(low, high)))

    def shape(self, lists: int = 15) -> tuple[bool, ...]:
        """Nullability of a value and of its list levels; `lists`: the chance of being a list."""
        levels = 1 + self.chance(lists)
        levels += levels == 2 and self.chance(25)
        return tuple(self.chance(75) for _ in range(levels))

    def leaf(self, name: str, owners: Iterable[str]) -> FieldSpec:
        """A field with a scalar or an enum, perhaps with arguments."""
        scalar = self.one(("Color", "String", *SCALARS))
        arguments = self.arguments() if self.chance(25) else ()
        return FieldSpec(name, scalar, nullable=self.shape(), arguments=arguments, owners=list(owners))

    def arguments(self) -> tuple[Argument, ...]:
        chosen = {each.name: each for each in self.some(ARGUMENTS, 1, 2)}
        return tuple(chosen.values())

    def can_know(self, subgraph: str, type_name: str) -> bool:
        """Whether a subgraph may define a type: not where it takes one of its interfaces for an object."""
        if any(subgraph in each.objects for each in self.world.interfaces_of(type_name)):
            return False
        spec = self.world.types[type_name]
        parts = {spec.fields[name].target for keyed in spec.keys for name in names_of(keyed)}
        return all(not part or part == type_name or self.can_know(subgraph, part) for part in parts)

    def settle(self, type_name: str, subgraph: str) -> None:
        """Makes a subgraph know a type: an entity by a key of its own, a value type by the entities it leads to."""
        spec = self.world.types[type_name]
        if not spec.keys:
            for each in spec.fields.values():
                if each.target:
                    self.settle(each.target, subgraph)
            return
        if subgraph in spec.homes:
            return
        chosen = spec.keys if not spec.homes else self.some(spec.keys, 1, 2 if self.chance(20) else 1)
        spec.homes[subgraph] = Home([keyed for keyed in spec.keys if keyed in chosen or keyed in spec.always])
        self._own_keys(spec, subgraph)

    def key_everywhere(self, spec: TypeSpec, name: str) -> None:
        """Makes a one-field key known in every home, present and future."""
        keyed = next(each for each in spec.keys if names_of(each) == [name])
        spec.always.append(keyed)
        for subgraph, home in spec.homes.items():
            if keyed not in home.keys:
                home.keys.append(keyed)
            self._own_keys(spec, subgraph)

    def _own_keys(self, spec: TypeSpec, subgraph: str) -> None:
        for keyed in spec.homes[subgraph].keys:
            for name in names_of(keyed):
                if subgraph not in spec.fields[name].owners:
                    spec.fields[name].owners.append(subgraph)
                if spec.fields[name].target:
                    self.settle(spec.fields[name].target, subgraph)
