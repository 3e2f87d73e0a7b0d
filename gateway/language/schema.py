"""A schema document as data: types, fields, arguments, applied directives, definitions and extensions side by side.

Mutable on purpose: completing, upgrading and merging edit it in place. Invariant: dictionaries are keyed by the
element's own name and keep document order; `node` points back to the source for locations and is None for what was
added by us.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from graphql import Node

from gateway.language.literals import Literal, key
from gateway.language.type_refs import TypeRef, is_non_null


class Kind(Enum):
    """Kinds of types, valued as SDL locations."""

    SCALAR = "SCALAR"
    OBJECT = "OBJECT"
    INTERFACE = "INTERFACE"
    UNION = "UNION"
    ENUM = "ENUM"
    INPUT = "INPUT_OBJECT"


BUILT_IN_SCALARS = frozenset({"String", "Int", "Float", "Boolean", "ID"})
ROOT_NAMES = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


@dataclass(slots=True, eq=False)
class Applied:
    """One application of a directive. `spec` is the federation name it stands for, whatever the document calls it."""

    name: str
    args: dict[str, Literal] = field(default_factory=dict)
    spec: str | None = None
    extension: bool = False
    node: Node | None = None
    declaration: Node | None = None  # the definition or extension that carries it

    def key(self) -> str:
        return f"{self.name}{key(dict(self.args))}"


@dataclass(slots=True, eq=False)
class Element:
    """What can carry a description and directives."""

    name: str
    description: str | None = None
    directives: list[Applied] = field(default_factory=list)
    node: Node | None = None

    def applied(self, spec: str) -> list[Applied]:
        """Applications of a federation directive, by its specification's name."""
        return [entry for entry in self.directives if entry.spec == spec]

    def has(self, spec: str) -> bool:
        for entry in self.directives:  # noqa: SIM110 - asked for every element, a generator costs twice as much
            if entry.spec == spec:
                return True
        return False

    def drop(self, spec: str) -> None:
        self.directives = [entry for entry in self.directives if entry.spec != spec]


@dataclass(slots=True, eq=False)
class InputValue(Element):
    """An argument or an input field. `default` is meaningful only when `has_default` is set."""

    type: TypeRef = ""
    default: Literal = None
    has_default: bool = False

    @property
    def required(self) -> bool:
        return is_non_null(self.type) and not self.has_default


@dataclass(slots=True, eq=False)
class Field(Element):
    """A field of an object or interface."""

    type: TypeRef = ""
    args: dict[str, InputValue] = field(default_factory=dict)
    declaration: Node | None = None  # the definition or extension that holds it


@dataclass(slots=True, eq=False)
class EnumValue(Element):
    """A value of an enum."""


@dataclass(slots=True, eq=False)
class Type(Element):
    """A named type; only the members of its kind are filled. `base` / `extended`: seen as definition / extension."""

    kind: Kind = Kind.OBJECT
    fields: dict[str, Field] = field(default_factory=dict)
    inputs: dict[str, InputValue] = field(default_factory=dict)
    values: dict[str, EnumValue] = field(default_factory=dict)
    interfaces: dict[str, Node | None] = field(default_factory=dict)
    members: dict[str, Node | None] = field(default_factory=dict)
    base: bool = True
    extended: bool = False
    definition: Node | None = None  # where it is defined rather than extended

    @property
    def is_composite(self) -> bool:
        return self.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)

    @property
    def is_abstract(self) -> bool:
        return self.kind in (Kind.INTERFACE, Kind.UNION)


@dataclass(slots=True, eq=False)
class DirectiveDefinition(Element):
    """A directive's definition. Its own `directives` stay empty: the language allows none there."""

    args: dict[str, InputValue] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    repeatable: bool = False


@dataclass(slots=True, eq=False)
class Schema(Element):
    """A whole document; as an element it stands for the `schema` definition itself."""

    types: dict[str, Type] = field(default_factory=dict)
    definitions: dict[str, DirectiveDefinition] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)

    def of_kind(self, *kinds: Kind) -> Iterator[Type]:
        return (entry for entry in list(self.types.values()) if entry.kind in kinds)

    def root(self, operation: str) -> Type | None:
        return self.types.get(self.roots.get(operation, ""))

    def is_root(self, name: str) -> bool:
        return name in self.roots.values()

    def field(self, type_name: str, field_name: str) -> Field | None:
        owner = self.types.get(type_name)
        return owner.fields.get(field_name) if owner else None

    def implementations(self, interface: str) -> list[Type]:
        """Objects and interfaces that implement the interface."""
        return [entry for entry in self.types.values() if interface in entry.interfaces]

    def possible(self, name: str) -> list[str]:
        """Names of the object types that a value of the type may have, in document order."""
        owner = self.types.get(name)
        if owner is None:
            return []
        if owner.kind is Kind.INTERFACE:
            return [entry.name for entry in self.implementations(name) if entry.kind is Kind.OBJECT]
        return list(owner.members) if owner.kind is Kind.UNION else [name]
