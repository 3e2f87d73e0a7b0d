"""Random sets of subgraphs whose types refer to each other: keys, requirements, provisions, shared fields.

Most of what can go wrong in them is satisfiability. Deterministic for a seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

Subgraph = dict[str, str]

_SCALARS = ("s0", "s1", "s2")
_KEYS = ("id", "k", "id k")
_HEAD = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{minor}", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides"])'
)


@dataclass(slots=True)
class _Type:
    fields: dict[str, str] = field(default_factory=dict)  # name -> declaration without directives
    directives: dict[str, str] = field(default_factory=dict)
    keys: list[tuple[str, bool]] = field(default_factory=list)  # fields, resolvable

    def add(self, name: str, type_: str, directives: str = "") -> None:
        self.fields[name], self.directives[name] = type_, directives

    def resolves(self, name: str) -> bool:
        return name in self.fields and "@external" not in self.directives[name]


class _Graph:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.faulty = self.rng.random() < 0.4
        self.names = ["a", "b", "c", "d"][: self.rng.choice((2, 3, 3, 4))]
        self.types = [f"T{number}" for number in range(self.rng.choice((2, 3, 4)))]
        self.declared: dict[str, dict[str, _Type]] = {name: {} for name in self.names}
        self.queries: dict[str, list[str]] = {name: [] for name in self.names}

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def entity(self, subgraph: str, name: str, *, resolvable: bool = True) -> _Type:
        owner = self.declared[subgraph].setdefault(name, _Type())
        if not owner.fields:
            keys = {"id"} if not self.faulty or self.chance(0.5) else {self.rng.choice(_KEYS)}
            keys |= {self.rng.choice(_KEYS)} if self.chance(0.25) else set()
            owner.keys = [(key, resolvable and not self.chance(0.05)) for key in sorted(keys)]
            for key_field in sorted({part for key in keys for part in key.split()}):
                owner.add(key_field, "ID", "@shareable")
        return owner

    def fill(self) -> None:
        for name in self.types:
            owners = [entry for entry in self.names if self.chance(0.7)] or [self.rng.choice(self.names)]
            for subgraph in owners:
                self.entity(subgraph, name)
            for scalar in _SCALARS:
                if self.chance(0.6):
                    self.resolve(owners, name, scalar, "Int")
            for number in range(self.rng.choice((1, 2))):
                target = self.rng.choice(self.types)
                self.resolve(owners, name, f"o{number}", self.rng.choice(("{}", "[{}]", "{}!")).format(target))

    def resolve(self, owners: list[str], name: str, field_name: str, type_: str) -> None:
        chosen = self.rng.sample(owners, min(len(owners), self.rng.choice((1, 1, 2))))
        for subgraph in chosen:
            target = type_.strip("[]!")
            if target in self.types:
                self.entity(subgraph, target, resolvable=self.chance(0.5))
            self.declared[subgraph][name].add(field_name, type_, "@shareable" if len(chosen) > 1 else "")

    def require(self) -> None:
        for subgraph, name in [(entry, name) for entry in self.names for name in self.declared[entry]]:
            owner = self.declared[subgraph][name]
            wanted = self.elsewhere(subgraph, name)
            if wanted and self.chance(0.35):
                found = self.rng.choice(wanted)
                owner.add(found, "Int", "@external")
                owner.add(f"r{subgraph}", "Int", f'@requires(fields: "{found}")')

    def elsewhere(self, subgraph: str, name: str) -> list[str]:
        """Scalars that another subgraph resolves and this one does not declare."""
        own = self.declared[subgraph][name]
        others = [
            self.declared[entry][name] for entry in self.names if entry != subgraph and name in self.declared[entry]
        ]
        return [scalar for scalar in _SCALARS if scalar not in own.fields and any(o.resolves(scalar) for o in others)]

    def query(self) -> None:
        for subgraph in self.names:
            for name in self.declared[subgraph]:
                if self.chance(0.6) or not any(self.queries.values()):
                    self.queries[subgraph].append(f"q{subgraph}{name}: {name}{self.provide(subgraph, name)}")

    def provide(self, subgraph: str, name: str) -> str:
        wanted = self.elsewhere(subgraph, name)
        if not wanted or not self.chance(0.25):
            return ""
        found = self.rng.choice(wanted)
        for entry in self.names:
            other = self.declared[entry].get(name)
            if other is not None and other.resolves(found):
                other.directives[found] = "@shareable"
        self.declared[subgraph][name].add(found, "Int", "@external")
        return f' @provides(fields: "{found}")'

    def sdl(self, subgraph: str) -> str:
        lines = [_HEAD.format(minor=self.rng.choice((3, 5, 9)))]
        for name, owner in self.declared[subgraph].items():
            keys = "".join(
                f' @key(fields: "{key}"' + (")" if resolvable else ", resolvable: false)")
                for key, resolvable in owner.keys
            )
            fields = " ".join(f"{each}: {type_} {owner.directives[each]}" for each, type_ in owner.fields.items())
            lines.append(f"type {name}{keys} {{ {fields} }}")
        if self.queries[subgraph]:
            lines.append(f"type Query {{ {' '.join(self.queries[subgraph])} }}")
        return "\n".join(lines)


def graph(seed: int) -> list[Subgraph]:
    """The subgraphs of one random graph."""
    result = _Graph(seed)
    result.fill()
    result.require()
    result.query()
    return [{"name": name, "url": f"http://{name}", "sdl": result.sdl(name)} for name in result.names]
