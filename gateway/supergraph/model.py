"""Owns the parsed supergraph: what each subgraph knows of each type, and the schema that clients see.

Plain immutable data, keyed by the join specification's graph identifiers (`Subgraph.id`). Field sets stay text: the
query graph reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphql import ConstDirectiveNode, GraphQLSchema


class TypeKind(StrEnum):
    """Kind of a composite or enum type inside one subgraph."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class EntityKey:
    """One `@key` of a type in a subgraph; only a resolvable one lets `_entities` be called."""

    fields: str
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that the gateway fills from an object above (`@fromContext`)."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class SubgraphField:
    """A field as one subgraph declares it.

    `external`: declared but not resolved there (also a field taken away by `@override` and kept for keys only).
    `label`: progressive override: the field is resolved here only while the label's state equals `label_active`.
    """

    name: str
    type: str
    external: bool = False
    requires: str | None = None
    provides: str | None = None
    label: str | None = None
    label_active: bool = True
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class SubgraphType:
    """A type as one subgraph knows it. `possible`: its concrete types there (an object's is itself)."""

    name: str
    kind: TypeKind
    keys: tuple[EntityKey, ...] = ()
    interface_object: bool = False
    fields: Mapping[str, SubgraphField] = field(default_factory=dict)
    possible: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One service: `id` of the join__Graph enum, its name and URL, and its view of the types."""

    id: str
    name: str
    url: str
    types: Mapping[str, SubgraphType]


@dataclass(frozen=True, slots=True)
class RootTypes:
    """Names of the root operation types."""

    query: str
    mutation: str | None = None
    subscription: str | None = None


@dataclass(frozen=True, slots=True)
class Supergraph:
    """The whole model.

    `full_schema` holds inaccessible elements too (requirements may name them); `api_schema` is what clients see.
    `field_directives`: directives composed onto fields by `@composeDirective`, by (type, field).
    `contexts`: the contexts that objects of a concrete type set for what is selected below them.
    """

    subgraphs: Mapping[str, Subgraph]
    roots: RootTypes
    full_schema: GraphQLSchema
    api_schema: GraphQLSchema
    possible: Mapping[str, frozenset[str]]
    api_possible: Mapping[str, frozenset[str]]
    partial_unions: frozenset[str]
    labels: frozenset[str]
    field_directives: Mapping[tuple[str, str], tuple[ConstDirectiveNode, ...]] = field(default_factory=dict)
    contexts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sdl: str = ""

    def subgraph_named(self, name: str) -> Subgraph:
        """The subgraph of that service name."""
        return next(subgraph for subgraph in self.subgraphs.values() if subgraph.name == name)
