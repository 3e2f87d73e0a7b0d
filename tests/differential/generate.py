"""Owns the drawing of random worlds: types, who owns which field, and every federation feature somewhere.

Invariant: a world composes and is satisfiable by construction: an entity can be entered by its key wherever a field of
its own is resolved.
"""

from __future__ import annotations

from random import Random

from tests.differential.contexts import ContextDrawing
from tests.differential.world import FieldSpec, InterfaceSpec, TypeSpec, World, split_need

SCALARS = ("String", "Int", "Boolean", "Color", "String")


def generate_world(seed: int) -> World:
    """The world of a seed."""
    return _Generator(seed).world()


class _Generator:
    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)
        self._seed = seed
        self._subgraphs = [f"s{number}" for number in range(self._draw.randint(2, 5))]
        self._types: dict[str, TypeSpec] = {}
        self._values: dict[str, TypeSpec] = {}
        self._interfaces: dict[str, InterfaceSpec] = {}
        self._unions: dict[str, dict[str, list[str]]] = {}

    def world(self) -> World:
        self._draw_values()
        for number in range(self._draw.randint(2, 4)):
            self._draw_entity(f"T{number}")
        self._draw_interfaces()
        self._draw_unions()
        for spec in self._types.values():
            self._draw_references(spec)
            self._draw_requirements(spec)
        self._draw_split_values()
        self._draw_failures()
        queries = {field.name: field for subgraph in self._subgraphs for field in self._roots("q", subgraph)}
        mutations = {field.name: field for subgraph in self._subgraphs[:2] for field in self._roots("m", subgraph)[:2]}
        contexts = ContextDrawing(self._seed, self._types).add(self._subgraphs)
        return World(
            self._seed, self._subgraphs, self._types, self._values, self._interfaces, self._unions,
            queries, mutations, self._chance(50), contexts,
        )  # fmt: skip

    def _chance(self, percent: int) -> bool:
        return self._draw.randrange(100) < percent

    def _some(self, items: list[str], low: int, high: int) -> list[str]:
        return self._draw.sample(items, min(len(items), self._draw.randint(low, high)))

    def _scalar(self, name: str, owners: list[str]) -> FieldSpec:
        return FieldSpec(
            name,
            scalar=self._draw.choice(SCALARS),
            many=self._chance(15),
            nullable=self._chance(75),
            args=self._chance(25),
            owners=owners,
        )

    def _draw_values(self) -> None:
        for number in range(self._draw.randint(0, 2)):
            fields = [self._scalar(f"v{number}{at}", list(self._subgraphs)) for at in range(self._draw.randint(2, 3))]
            for field in fields:
                field.args = False
            self._values[f"V{number}"] = TypeSpec(f"V{number}", {field.name: field for field in fields})

    def _draw_entity(self, name: str) -> None:
        homes = self._some(self._subgraphs, 1, 3)
        keys = ["id"]
        fields = {"id": FieldSpec("id", scalar="ID", nullable=False, owners=list(homes))}
        if self._chance(40):
            keys.append("id keyA" if self._chance(50) else "keyA")
            fields["keyA"] = FieldSpec("keyA", scalar="String", nullable=False, owners=list(homes))
        spec = TypeSpec(name, fields, keys, {home: self._draw.choice(keys) for home in homes})
        for at in range(self._draw.randint(2, 5)):
            shared = len(homes) > 1 and self._chance(20)
            owners = self._some(homes, 2, 2) if shared else [self._draw.choice(homes)]
            field = self._scalar(f"{name.lower()}f{at}", owners)
            others = [home for home in homes if home not in owners]
            if others and len(owners) == 1 and self._chance(15):
                field.overridden = self._draw.choice(others)
                field.label = "migration" if self._chance(40) else None
            fields[field.name] = field
        self._types[name] = spec

    def _draw_interfaces(self) -> None:
        names = list(self._types)
        if len(names) < 2 or not self._chance(70):
            return
        members = self._some(names, 2, 3)
        together = self._chance(60)
        homes = self._subgraphs if self._chance(30) else self._some(self._subgraphs, 1, 2)
        interface = InterfaceSpec("I0", members, list(homes))
        for member in members:
            spec = self._types[member]
            spec.interfaces.append("I0")
            for home in homes:
                self._settle(spec, home)
            owner = homes[0] if together else self._draw.choice(list(spec.homes))
            spec.fields["common"] = FieldSpec("common", scalar="String", owners=[owner])
        outside = [name for name in self._subgraphs if all(name not in self._types[m].homes for m in members)]
        if outside and self._chance(60):
            home = interface.object_home = self._draw.choice(outside)
            for at in range(self._draw.randint(1, 2)):
                interface.extra[f"extra{at}"] = self._scalar(f"extra{at}", [home])
                interface.extra[f"extra{at}"].args = False
            if together and self._chance(50):
                interface.extra["made"] = FieldSpec("made", scalar="String", owners=[home], requires=["common"])
            for member in members:
                for owner in list(self._types[member].homes):
                    self._types[member].homes[owner] = "id"
        self._interfaces["I0"] = interface

    def _draw_unions(self) -> None:
        if len(self._types) < 2 or not self._chance(60):
            return
        taken = {each.object_home for each in self._interfaces.values()}
        homes = self._some([name for name in self._subgraphs if name not in taken], 1, 2)
        self._unions["U0"] = {home: self._some(list(self._types), 1, 3) for home in homes}
        for home, members in self._unions["U0"].items():
            for member in members:
                self._settle(self._types[member], home)

    def _settle(self, spec: TypeSpec, home: str) -> None:
        """Makes a subgraph define an entity, with its key fields at least."""
        if home not in spec.homes:
            spec.homes[home] = self._draw.choice(spec.keys)
            for name in ("id", "keyA"):
                if name in spec.fields:
                    spec.fields[name].owners.append(home)

    def _target(self, home: str, field: FieldSpec) -> None:
        """Gives a field something to lead to that its subgraph knows."""
        abstract = [name for name, homes in self._unions.items() if home in homes]
        abstract += [name for name, each in self._interfaces.items() if home in each.homes]
        if abstract and self._chance(40):
            field.target = self._draw.choice(abstract)
            if field.target in self._unions:
                field.choices = list(self._unions[field.target][home])
            else:
                field.choices = list(self._interfaces[field.target].types)
            return
        objects = [each for each in self._interfaces.values() if each.object_home == home]
        if objects and self._chance(30):
            field.target, field.choices = objects[0].name, list(objects[0].types)
            return
        hidden = {member for each in objects for member in each.types}
        field.target = self._draw.choice([name for name in self._types if name not in hidden] or [""])
        if not field.target:
            field.target, field.scalar = None, "String"
            return
        self._settle(self._types[field.target], home)
        self._draw_provision(home, field)

    def _draw_provision(self, home: str, field: FieldSpec) -> None:
        target = self._types[field.target or ""]
        offered = [
            each.name
            for each in target.fields.values()
            if each.scalar and home not in each.owners and not each.requires and not each.overridden
            and not each.name.startswith("key") and each.name != "id" and not each.args
        ]  # fmt: skip
        if offered and self._chance(25):
            field.provides = self._some(offered, 1, 2)
            for name in field.provides:
                target.fields[name].args = False

    def _draw_references(self, spec: TypeSpec) -> None:
        for at in range(self._draw.randint(1, 3)):
            home = self._draw.choice(list(spec.homes))
            field = FieldSpec(
                f"{spec.name.lower()}r{at}", many=self._chance(40), nullable=self._chance(80), args=self._chance(20),
                owners=[home],
            )  # fmt: skip
            self._target(home, field)
            spec.fields[field.name] = field
        if self._values and self._chance(70):
            target = self._draw.choice(list(self._values))
            owners = self._some(list(spec.homes), 1, 2)
            name = f"{spec.name.lower()}v"
            spec.fields[name] = FieldSpec(name, target=target, many=self._chance(20), owners=owners)

    def _draw_requirements(self, spec: TypeSpec) -> None:
        for at in range(self._draw.randint(0, 2)):
            home = self._draw.choice(list(spec.homes))
            others = [
                each.name
                for each in spec.fields.values()
                if home not in each.owners and each.overridden != home and not each.provides and not each.label
                and (each.scalar or (each.target in self._values and not each.many))
            ]  # fmt: skip
            others += self._references_to_require(spec, home)
            if others:
                name = f"{spec.name.lower()}c{at}"
                needs = [self._need(spec.fields[other], home) for other in self._some(others, 1, 2)]
                spec.fields[name] = FieldSpec(name, scalar="String", owners=[home], requires=needs)

    def _references_to_require(self, spec: TypeSpec, home: str) -> list[str]:
        hidden = {member for each in self._interfaces.values() if each.object_home == home for member in each.types}
        return [
            each.name
            for each in spec.fields.values()
            if home not in each.owners and not each.provides and not each.args and each.target in self._types
            and each.target not in hidden and self._plain_fields(self._types[each.target])
        ]  # fmt: skip

    def _plain_fields(self, spec: TypeSpec) -> list[str]:
        """Scalars that a requirement through a reference may name."""
        return [
            each.name
            for each in spec.fields.values()
            if each.scalar and not each.args and not each.requires and not each.overridden
            and each.name != "id" and not each.name.startswith("key")
        ]  # fmt: skip

    def _need(self, field: FieldSpec, home: str) -> str:
        if field.target in self._types:
            self._settle(self._types[field.target], home)
            return f"{field.name} {{ {self._draw.choice(self._plain_fields(self._types[field.target]))} }}"
        return f"{field.name}(n: {self._draw.randint(1, 2)})" if field.args else field.name

    def _draw_split_values(self) -> None:
        """A value without a key under an entity's field, every part of it known to another subgraph."""
        for spec in list(self._types.values()):
            if len(spec.homes) < 2 or not self._chance(25):
                continue
            homes = self._some(list(spec.homes), 2, 2)
            name = f"Split{spec.name}"
            parts = {f"part{at}": FieldSpec(f"part{at}", scalar="String", owners=[homes[at % 2]]) for at in range(3)}
            self._values[name] = TypeSpec(name, parts, split=True)
            spec.fields["split"] = FieldSpec("split", target=name, many=self._chance(30), owners=homes)

    def _draw_failures(self) -> None:
        needed = {
            part for spec in self._types.values() for field in spec.fields.values()
            for need in field.requires for part in split_need(need) if isinstance(part, str)
        } | {"common"}  # fmt: skip
        for spec in self._types.values():
            for field in spec.fields.values():
                if field.scalar and field.nullable and not field.requires and field.name not in needed:
                    field.fails = self._chance(8)

    def _roots(self, prefix: str, home: str) -> list[FieldSpec]:
        fields = []
        for at in range(self._draw.randint(1, 3)):
            field = FieldSpec(f"{prefix}{home}{at}", many=self._chance(50), args=self._chance(40), owners=[home])
            self._target(home, field)
            fields.append(field)
        return fields
