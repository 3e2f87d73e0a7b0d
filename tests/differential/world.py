"""Owns the truth that a random graph serves: types, fields, and a value for every field of every object.

Values are functions of (type, id, field, arguments): whoever asks, a subgraph or the one schema that serves everything,
gets the same. Ids carry their type (`T1-3`), so that an interface object's id leads to its concrete type.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OBJECTS_OF_A_TYPE = 4
ENUM_VALUES = ("RED", "GREEN", "BLUE")


@dataclass(slots=True)
class FieldSpec:
    """A field as clients see it. `target`: the composite type it leads to; `args`: whether it takes `n: Int`.

    `owners`: subgraphs that resolve it (several share it). `requires`: fields of the same object that its value is made
    of, as a field set writes them. `overridden`: a subgraph that still declares it but no longer resolves it, or not
    while `label` is active. `choices`: concrete types that an abstract target takes. `fails`: some of its values are
    errors. `contexts`: contexts that its value is made of, each an argument in its subgraph.
    """

    name: str
    scalar: str | None = None
    target: str | None = None
    many: bool = False
    nullable: bool = True
    args: bool = False
    owners: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    overridden: str | None = None
    provides: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    label: str | None = None
    fails: bool = False
    contexts: list[str] = field(default_factory=list)

    def resolves(self, subgraph: str, label_active: bool) -> bool:
        """Whether a subgraph resolves the field on its own while the override label has this state."""
        if self.label is not None and not label_active:
            return subgraph == self.overridden
        return subgraph in self.owners

    def printed_type(self) -> str:
        inner = self.target or self.scalar or "String"
        if self.many:
            inner = f"[{inner}]"
        return inner if self.nullable else f"{inner}!"

    def printed(self) -> str:
        return f"{self.name}{'(n: Int)' if self.args else ''}: {self.printed_type()}"


@dataclass(slots=True)
class TypeSpec:
    """An entity (with keys) or a value type (without). `homes`: subgraphs that define it. `split`: a value type whose
    fields are each known to one subgraph only.
    """

    name: str
    fields: dict[str, FieldSpec]
    keys: list[str] = field(default_factory=list)
    homes: dict[str, str] = field(default_factory=dict)  # subgraph -> the key it is entered by there
    interfaces: list[str] = field(default_factory=list)
    split: bool = False


@dataclass(slots=True)
class InterfaceSpec:
    """An interface: the common fields of its types; `object_home` serves `extra` as an interface object."""

    name: str
    types: list[str]
    homes: list[str]
    object_home: str | None = None
    extra: dict[str, FieldSpec] = field(default_factory=dict)


@dataclass(slots=True)
class ContextSpec:
    """A context of one subgraph: the types that set it, each with the field that is read."""

    name: str
    home: str
    fields: dict[str, str]

    def selection(self) -> str:
        """What `@fromContext` selects."""
        if len(set(self.fields.values())) == 1:
            return f"{{ {next(iter(self.fields.values()))} }}"
        return " ".join(f"... on {name} {{ {chosen} }}" for name, chosen in self.fields.items())

    def printed_type(self) -> str:
        """The type of an argument that is filled from it."""
        return "ID!" if set(self.fields.values()) == {"id"} else "String"


@dataclass(slots=True)
class World:
    """A whole random graph and its data."""

    seed: int
    subgraphs: list[str]
    types: dict[str, TypeSpec]
    values: dict[str, TypeSpec]
    interfaces: dict[str, InterfaceSpec]
    unions: dict[str, dict[str, list[str]]]  # members by subgraph
    queries: dict[str, FieldSpec]
    mutations: dict[str, FieldSpec]
    label_active: bool = False
    contexts: dict[str, ContextSpec] = field(default_factory=dict)

    def spec(self, type_name: str, name: str) -> FieldSpec | None:
        """A field of a concrete type, those of its interface objects included."""
        known = self.types.get(type_name) or self.values[type_name]
        if name in known.fields:
            return known.fields[name]
        for interface in known.interfaces:
            if name in self.interfaces[interface].extra:
                return self.interfaces[interface].extra[name]
        return None

    def draw(self, *parts: Any) -> int:
        """A number that depends on its arguments alone."""
        text = json.dumps([self.seed, *parts], sort_keys=True, default=str)
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")

    def value(self, type_name: str, id_: str, spec: FieldSpec, args: Mapping[str, Any]) -> Any:
        """What a field holds: a scalar, an `Obj`, a list of them, or None."""
        if spec.name == "id":
            return id_
        if spec.name.startswith("key"):
            return f"{spec.name}:{id_}"
        if spec.requires and not spec.contexts:
            return self.computed(type_name, id_, spec, [self.required(type_name, id_, name) for name in spec.requires])
        return self.plain(type_name, id_, spec, args)

    def plain(self, type_name: str, id_: str, spec: FieldSpec, args: Mapping[str, Any]) -> Any:
        """A value that depends on nothing else."""
        slot = (type_name, id_, spec.name, dict(args))
        if spec.nullable and self.draw("null", *slot) % 6 == 0:
            return None
        if not spec.many:
            return self._one(spec, slot)
        return [
            None if self.draw("hole", at, *slot) % 8 == 0 else self._one(spec, (*slot, at))
            for at in range(self.draw("length", *slot) % 4)
        ]

    def required(self, type_name: str, id_: str, need: str) -> Any:
        """A required field's value as it stands in a representation."""
        name, args, inner = split_need(need)
        spec = self.spec(type_name, name)
        assert spec is not None
        return self._carried(self.value(type_name, id_, spec, args), inner)

    def _carried(self, value: Any, inner: str) -> Any:
        if isinstance(value, list):
            return [self._carried(item, inner) for item in value]
        if not isinstance(value, Obj):
            return value
        names = [inner] if inner else list(self.values[value.type_name].fields)
        specs = {name: self.spec(value.type_name, name) for name in names}
        return {name: self.value(value.type_name, value.id, spec, {}) for name, spec in specs.items() if spec}

    def computed(self, type_name: str, id_: str, spec: FieldSpec, inputs: list[Any]) -> str:
        """The value of a field that is made of others."""
        return f"{spec.name}<{json.dumps(inputs, sort_keys=True)}>{self.draw('made', type_name, id_, spec.name) % 97}"

    def from_above(self, source: Obj, name: str) -> Any:
        """What the nearest object above that sets a context hands down."""
        context, holder = self.contexts[name], source.above
        while holder is not None and holder.type_name not in context.fields:
            holder = holder.above
        assert holder is not None, f"nobody above {source.type_name} sets {name}"
        spec = self.spec(holder.type_name, context.fields[holder.type_name])
        assert spec is not None
        return self.value(holder.type_name, holder.id, spec, {})

    def _one(self, spec: FieldSpec, slot: tuple[Any, ...]) -> Any:
        number = self.draw("one", *slot)
        if spec.target in self.values:
            return Obj(spec.target or "", f"{slot[0]}.{slot[1]}.{slot[2]}.{slot[3:]}")
        if spec.target is not None:
            choices = spec.choices or [spec.target]
            type_name = choices[number % len(choices)]
            return Obj(type_name, f"{type_name}-{number // 7 % OBJECTS_OF_A_TYPE}")
        if spec.scalar == "Int":
            return number % 1000
        if spec.scalar == "Boolean":
            return number % 2 == 0
        if spec.scalar == "Color":
            return ENUM_VALUES[number % len(ENUM_VALUES)]
        return f"{slot[0]}.{slot[1]}.{slot[2]}.{number % 97}"


@dataclass(frozen=True, slots=True)
class Obj:
    """An object on its way through resolvers. `provided`: external fields that may be asked for here; `carried`: what
    its representation brought; `above`: the object whose field led here, where that is known.
    """

    type_name: str
    id: str
    provided: frozenset[str] = frozenset()
    carried: Any = None
    above: Obj | None = None


def type_of_id(id_: str) -> str:
    """The concrete type that an id belongs to."""
    return id_.split("-")[0]


def split_need(need: str) -> tuple[str, dict[str, int], str]:
    """`name`, `name(n: 1)` or `name { inner }` as a name, its arguments, and the inner field."""
    outer, _, inner = need.partition(" { ")
    name, _, rest = outer.partition("(n: ")
    return name, {"n": int(rest.rstrip(")"))} if rest else {}, inner.removesuffix(" }")
