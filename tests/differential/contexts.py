"""Owns the contexts of random worlds: entities whose fields take values from the nearest object above that sets them.

Invariant: such an entity is met below a type that sets its contexts and nowhere else, so the graph is satisfiable.
"""

from __future__ import annotations

from random import Random

from tests.differential.world import ContextSpec, FieldSpec, TypeSpec


class ContextDrawing:
    """Adds contexts to a world's types, or leaves them as they are."""

    def __init__(self, seed: int, types: dict[str, TypeSpec]) -> None:
        self._draw = Random(f"{seed} contexts")
        self._types = types

    def add(self, subgraphs: list[str]) -> dict[str, ContextSpec]:
        """The contexts by name."""
        home = self._draw.choice(subgraphs)
        fields = {name: self._offered(spec, home) for name, spec in self._types.items() if home in spec.homes}
        setters = {name: offered for name, offered in fields.items() if offered}
        if not setters or self._chance(50):
            return {}
        names = self._draw.sample(list(setters), min(len(setters), self._draw.randint(1, 3)))
        chosen = {name: self._draw.choice(setters[name]) for name in names}
        outer = ContextSpec("outer", home, dict.fromkeys(names, "id") if self._chance(30) else chosen)
        inner = ContextSpec("inner", home, {"Deep0": "id"})
        deepest = self._entity("Deep1", home, subgraphs)
        deep = self._entity("Deep0", home, subgraphs)
        self._take(deep, "drawn", ["outer"])
        self._take(deepest, "both", ["outer", "inner"])
        if deepest.fields["plain"].owners != [home]:
            self._take(deepest, "made", ["inner"])
            deepest.fields["made"].requires = ["plain"]
        self._lead(deep, "deeper", "Deep1", home)
        for name in names:
            self._lead(self._types[name], "deep", "Deep0", self._draw.choice([home, *self._shared(name, "Deep0")]))
        return {"outer": outer, "inner": inner}

    def _chance(self, percent: int) -> bool:
        return self._draw.randrange(100) < percent

    def _offered(self, spec: TypeSpec, home: str) -> list[str]:
        return [
            each.name
            for each in spec.fields.values()
            if each.scalar == "String" and not each.many and home in each.owners and not each.args
            and not each.requires and not each.fails and not each.overridden
        ]  # fmt: skip

    def _entity(self, name: str, home: str, subgraphs: list[str]) -> TypeSpec:
        homes = list(dict.fromkeys([home, self._draw.choice(subgraphs)]))
        fields = {
            "id": FieldSpec("id", scalar="ID", nullable=False, owners=homes),
            "plain": FieldSpec("plain", scalar="String", owners=[self._draw.choice(homes)]),
        }
        self._types[name] = TypeSpec(name, fields, ["id"], dict.fromkeys(homes, "id"))
        return self._types[name]

    def _take(self, spec: TypeSpec, name: str, contexts: list[str]) -> None:
        home = next(iter(spec.homes))
        spec.fields[name] = FieldSpec(name, scalar="String", owners=[home], contexts=contexts)

    def _lead(self, spec: TypeSpec, name: str, target: str, home: str) -> None:
        spec.fields[name] = FieldSpec(name, target=target, many=self._chance(50), owners=[home])

    def _shared(self, first: str, second: str) -> list[str]:
        return [home for home in self._types[first].homes if home in self._types[second].homes]
