"""Owns what a random graph is made of: types, who resolves which field, and which entities are missing where.

Plain data. What fields hold is `truth.py`'s, how it is drawn `drawing/`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.differential.fieldset import Picks

SCALARS = ("String", "Int", "Boolean", "Float", "ID")
COLORS = ("RED", "GREEN", "BLUE")
HIDDEN_COLOR = "BLACK"
LABEL = "migration"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field. `hidden`: only subgraphs know it, and it changes nothing."""

    name: str
    type: str
    default: str | None = None
    hidden: bool = False

    def text(self) -> str:
        default = f" = {self.default}" if self.default is not None else ""
        return f"{self.name}: {self.type}{default}{' @inaccessible' if self.hidden else ''}"


@dataclass(slots=True)
class FieldSpec:
    """A field as clients see it.

    `nullable`: one entry for the value and one for each list level below. `target`: the composite type it leads to;
    `choices`: concrete types that an abstract target takes. `owners`: subgraphs that resolve it (several share it), of
    which `strict_in` declare it non-null though it may be null elsewhere. `requires`: what its value is made of.
    `overridden`: a subgraph that still declares it but no longer resolves it, or not while `label` is active.
    `contexts`: contexts that it is made of as well, each an argument in its subgraph. `key`: its value tells who the
    object is. `fails`: some of its values are errors.
    """

    name: str
    scalar: str = "String"
    target: str = ""
    nullable: tuple[bool, ...] = (True,)
    choices: list[str] = field(default_factory=list)
    arguments: tuple[Argument, ...] = ()
    owners: list[str] = field(default_factory=list)
    strict_in: list[str] = field(default_factory=list)
    requires: Picks = ()
    contexts: list[str] = field(default_factory=list)
    provides: Picks = ()
    overridden: str = ""
    label: str = ""
    key: bool = False
    hidden: bool = False
    fails: bool = False

    @property
    def lists(self) -> int:
        return len(self.nullable) - 1

    def resolved_in(self, subgraph: str, label_active: bool) -> bool:
        """Whether a subgraph resolves the field on its own while the override label has this state."""
        if self.label and not label_active:
            return subgraph == self.overridden
        return subgraph in self.owners

    def type_text(self, subgraph: str = "") -> str:
        """Its type in a subgraph, or for clients."""
        text = self.target or self.scalar
        for level in range(len(self.nullable) - 1, -1, -1):
            if level < self.lists:
                text = f"[{text}]"
            if not self.nullable[level] or (level == 0 and subgraph in self.strict_in):
                text += "!"
        return text


@dataclass(slots=True)
class Home:
    """An entity in one subgraph: the keys it is known by there; one that is not `resolvable` is a mere reference."""

    keys: list[Picks]
    resolvable: bool = True


@dataclass(slots=True)
class TypeSpec:
    """An entity (with keys and homes) or a value type (without).

    The first home has every key, so that others with different keys are reached through it. `split`: a value type of
    which each field is known to one subgraph only. `hidden`: clients do not see the type.
    """

    name: str
    fields: dict[str, FieldSpec]
    keys: list[Picks] = field(default_factory=list)
    always: list[Picks] = field(default_factory=list)  # keys that every home has
    homes: dict[str, Home] = field(default_factory=dict)
    split: bool = False
    hidden: bool = False


@dataclass(slots=True)
class AbstractSpec:
    """A union, or an interface with the `fields` that its members share. `homes`: members by subgraph.

    `objects`: subgraphs that take the interface for an object and resolve `extra` for all its members.
    """

    name: str
    homes: dict[str, list[str]]
    fields: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    extra: dict[str, FieldSpec] = field(default_factory=dict)

    @property
    def members(self) -> list[str]:
        return sorted({member for members in self.homes.values() for member in members})


@dataclass(slots=True)
class ContextSpec:
    """A context of one subgraph: the types that set it, each with the field that is read."""

    name: str
    home: str
    fields: dict[str, str]

    @property
    def argument(self) -> str:
        """The argument that is filled from it."""
        type_text = "ID!" if set(self.fields.values()) == {"id"} else "String"
        return f'{self.name}: {type_text} @fromContext(field: "${self.name} {self._selection()}")'

    def _selection(self) -> str:
        if len(set(self.fields.values())) == 1:
            return f"{{ {next(iter(self.fields.values()))} }}"
        return " ".join(f"... on {name} {{ {chosen} }}" for name, chosen in self.fields.items())


@dataclass(slots=True)
class World:
    """A whole random graph. `missing`: by subgraph and type, whether asking for an absent entity is an error."""

    seed: int
    subgraphs: list[str]
    types: dict[str, TypeSpec]
    interfaces: dict[str, AbstractSpec] = field(default_factory=dict)
    unions: dict[str, AbstractSpec] = field(default_factory=dict)
    queries: dict[str, FieldSpec] = field(default_factory=dict)
    mutations: dict[str, FieldSpec] = field(default_factory=dict)
    missing: dict[tuple[str, str], bool] = field(default_factory=dict)
    contexts: dict[str, ContextSpec] = field(default_factory=dict)

    @property
    def entities(self) -> list[TypeSpec]:
        return [each for each in self.types.values() if each.keys]

    @property
    def values(self) -> list[TypeSpec]:
        return [each for each in self.types.values() if not each.keys]

    def interfaces_of(self, type_name: str) -> list[AbstractSpec]:
        return [each for each in self.interfaces.values() if type_name in each.members]

    def fields_of(self, type_name: str) -> Iterator[FieldSpec]:
        """Fields of a concrete type, those of its interface objects included."""
        yield from self.types[type_name].fields.values()
        for interface in self.interfaces_of(type_name):
            yield from interface.extra.values()

    def field(self, type_name: str, name: str) -> FieldSpec:
        if type_name in ("Query", "Mutation"):
            return (self.queries if type_name == "Query" else self.mutations)[name]
        return next(each for each in self.fields_of(type_name) if each.name == name)

    def all_fields(self) -> Iterator[FieldSpec]:
        for each in self.types.values():
            yield from each.fields.values()
        for interface in self.interfaces.values():
            yield from interface.extra.values()
        yield from self.queries.values()
        yield from self.mutations.values()

    def concrete(self, type_name: str) -> list[str]:
        """The object types behind a name."""
        abstract = self.interfaces.get(type_name) or self.unions.get(type_name)
        return abstract.members if abstract is not None else [type_name]
