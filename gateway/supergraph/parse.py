"""Owns the way from a supergraph SDL to the model: `parse_supergraph(sdl)`.

Reads join 0.1 to 0.5. Invariant: a subgraph's table holds exactly what that subgraph declares; what it declares but
does not resolve is marked external.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    is_abstract_type,
    parse,
    print_ast,
)

from gateway.supergraph import api_schema
from gateway.supergraph.contexts import read_contexts
from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.features import SPECS_OF_THE_MACHINERY, Features, read_features
from gateway.supergraph.join import JoinField, JoinReader
from gateway.supergraph.model import (
    EntityKey,
    RootTypes,
    Subgraph,
    SubgraphField,
    SubgraphType,
    Supergraph,
    TypeKind,
)

CompositeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


@dataclass(slots=True)
class _Draft:
    """What is known so far of one type in one subgraph."""

    keys: list[EntityKey] = field(default_factory=list)
    interface_object: bool = False
    fields: dict[str, SubgraphField] = field(default_factory=dict)
    interfaces: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)


def parse_supergraph(sdl: str) -> Supergraph:
    """The model of a supergraph.

    Raises:
        InvalidSupergraph: the text is no GraphQL, no supergraph, or of a kind that cannot be served.
    """
    try:
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise InvalidSupergraph("INVALID_GRAPHQL", error.message) from error
    features = read_features(document)
    full = api_schema.full_document(document, features)
    try:
        full_schema = api_schema.build(full)
        shown_schema = api_schema.build(api_schema.api_document(full, features))
    except (GraphQLError, TypeError) as error:
        raise InvalidSupergraph("INVALID_FEDERATION_SUPERGRAPH", str(error)) from error
    return _Reader(document, features).read(full_schema, shown_schema, sdl)


class _Reader:
    """Fills one draft for each (type, graph), then closes them."""

    def __init__(self, document: DocumentNode, features: Features) -> None:
        self._document = document
        self._features = features
        self._join = JoinReader(features)
        self._graphs = self._read_graphs()
        self._join.graphs = frozenset(self._graphs)
        self._kinds: dict[str, TypeKind] = {}
        self._drafts: dict[str, dict[str, _Draft]] = {}
        self._labels: set[str] = set()
        self._field_directives: dict[tuple[str, str], tuple[ConstDirectiveNode, ...]] = {}

    def read(self, full_schema: GraphQLSchema, shown_schema: GraphQLSchema, sdl: str) -> Supergraph:
        for definition in self._document.definitions:
            if isinstance(definition, TypeDefinitionNode) and not self._features.is_machinery(definition.name.value):
                self._read_type(definition)
        subgraphs = {
            graph: Subgraph(id=graph, name=name, url=url, types=self._tables_of(graph))
            for graph, (name, url) in self._graphs.items()
        }
        if full_schema.query_type is None:
            raise InvalidSupergraph("NO_QUERIES", "The supergraph has no query root type.")
        roots = RootTypes(
            query=full_schema.query_type.name,
            mutation=full_schema.mutation_type.name if full_schema.mutation_type else None,
            subscription=full_schema.subscription_type.name if full_schema.subscription_type else None,
        )
        possible = _possible_types(full_schema)
        return Supergraph(
            subgraphs=subgraphs,
            roots=roots,
            full_schema=full_schema,
            api_schema=shown_schema,
            possible=possible,
            api_possible=_possible_types(shown_schema),
            partial_unions=_partial_unions(subgraphs),
            labels=frozenset(self._labels),
            field_directives=self._field_directives,
            contexts=read_contexts(self._document, self._features, possible, roots),
            sdl=sdl,
        )

    def _read_graphs(self) -> dict[str, tuple[str, str]]:
        name = f"{self._features.by_spec['join'].prefix}__Graph"
        for definition in self._document.definitions:
            if isinstance(definition, EnumTypeDefinitionNode) and definition.name.value == name:
                found = {value.name.value: self._join.graph(value.directives) for value in definition.values or ()}
                return {graph: pair for graph, pair in found.items() if pair is not None}
        raise InvalidSupergraph(
            "INVALID_FEDERATION_SUPERGRAPH", f"The enum {name} that lists the subgraphs is missing."
        )

    def _read_type(self, definition: TypeDefinitionNode) -> None:
        kind = _kind_of(definition)
        if kind is None:
            return
        name = definition.name.value
        self._kinds[name] = kind
        joins = self._join.types(definition.directives)
        graphs = dict.fromkeys(join.graph for join in joins) or dict.fromkeys(self._graphs)
        drafts = self._drafts[name] = {graph: _Draft() for graph in graphs}
        for join in joins:
            if join.key is not None:
                drafts[join.graph].keys.append(EntityKey(join.key, join.resolvable))
            drafts[join.graph].interface_object |= join.interface_object
        if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            self._read_composite(definition, drafts)
        elif isinstance(definition, UnionTypeDefinitionNode):
            self._read_union(definition, drafts)
        elif isinstance(definition, EnumTypeDefinitionNode):
            self._read_enum(definition, drafts)

    def _read_composite(self, definition: CompositeNode, drafts: dict[str, _Draft]) -> None:
        implemented = self._join.implements(definition.directives)
        for graph, interface in implemented:
            drafts[graph].interfaces.add(interface)
        if not implemented:
            for draft in drafts.values():
                draft.interfaces.update(item.name.value for item in definition.interfaces or ())
        owner = self._join.owner(definition.directives)
        for node in definition.fields or ():
            self._read_field(definition.name.value, node, drafts, owner)

    def _read_field(
        self, type_name: str, node: FieldDefinitionNode, drafts: dict[str, _Draft], owner: str | None
    ) -> None:
        name, declared = node.name.value, print_ast(node.type)
        self._keep_composed_directives(type_name, node)
        joins = self._join.fields(node.directives)
        if not joins:
            graphs = [owner] if owner else list(drafts)
            for graph in graphs:
                if graph in drafts:
                    drafts[graph].fields[name] = SubgraphField(name=name, type=declared)
            return
        for join in joins:
            if join.graph is not None and join.graph in drafts:
                drafts[join.graph].fields[name] = self._field(name, declared, join)

    def _field(self, name: str, declared: str, join: JoinField) -> SubgraphField:
        if join.label is not None:
            self._labels.add(join.label)
        return SubgraphField(
            name=name,
            type=join.type or declared,
            external=join.external or (join.used_overridden and join.label is None),
            requires=join.requires,
            provides=join.provides,
            label=join.label,
            label_active=join.override is not None,
            context_arguments=join.context_arguments,
        )

    def _read_union(self, definition: UnionTypeDefinitionNode, drafts: dict[str, _Draft]) -> None:
        listed = self._join.members(definition.directives)
        for graph, member in listed:
            drafts[graph].members.add(member)
        if not listed:
            for draft in drafts.values():
                draft.members.update(item.name.value for item in definition.types or ())

    def _read_enum(self, definition: EnumTypeDefinitionNode, drafts: dict[str, _Draft]) -> None:
        for value in definition.values or ():
            for graph in self._join.values(value.directives) or list(drafts):
                if graph in drafts:
                    drafts[graph].values.add(value.name.value)

    def _keep_composed_directives(self, type_name: str, node: FieldDefinitionNode) -> None:
        composed = tuple(
            directive
            for directive in node.directives or ()
            if directive.name.value not in api_schema.KEPT_DIRECTIVES
            and not any(
                feature.owns(directive.name.value)
                for spec, feature in self._features.by_spec.items()
                if spec in SPECS_OF_THE_MACHINERY
            )
        )
        if composed:
            self._field_directives[type_name, node.name.value] = composed

    def _tables_of(self, graph: str) -> dict[str, SubgraphType]:
        implementers: dict[str, set[str]] = defaultdict(set)
        for name, drafts in self._drafts.items():
            if graph in drafts and self._kinds[name] is TypeKind.OBJECT:
                for interface in drafts[graph].interfaces:
                    implementers[interface].add(name)
        return {
            name: self._close(name, graph, drafts[graph], implementers)
            for name, drafts in self._drafts.items()
            if graph in drafts
        }

    def _close(self, name: str, graph: str, draft: _Draft, implementers: dict[str, set[str]]) -> SubgraphType:
        kind = self._kinds[name]
        if kind is TypeKind.OBJECT:
            possible = {name}
        elif kind is TypeKind.INTERFACE:
            possible = set() if draft.interface_object else implementers.get(name, set())
        else:
            possible = {member for member in draft.members if graph in self._drafts.get(member, {})}
        return SubgraphType(
            name=name,
            kind=kind,
            keys=tuple(draft.keys),
            interface_object=draft.interface_object,
            fields=draft.fields,
            possible=frozenset(possible),
            interfaces=frozenset(draft.interfaces),
            values=frozenset(draft.values),
        )


def _kind_of(definition: TypeDefinitionNode) -> TypeKind | None:
    if isinstance(definition, ObjectTypeDefinitionNode):
        return TypeKind.OBJECT
    if isinstance(definition, InterfaceTypeDefinitionNode):
        return TypeKind.INTERFACE
    if isinstance(definition, UnionTypeDefinitionNode):
        return TypeKind.UNION
    return TypeKind.ENUM if isinstance(definition, EnumTypeDefinitionNode) else None


def _possible_types(schema: GraphQLSchema) -> dict[str, frozenset[str]]:
    """Concrete types of every composite type; an object type is its own only one."""
    return {
        name: frozenset(item.name for item in schema.get_possible_types(type_))
        if is_abstract_type(type_)
        else frozenset({name})
        for name, type_ in schema.type_map.items()
        if hasattr(type_, "fields") or is_abstract_type(type_)
    }


def _partial_unions(subgraphs: dict[str, Subgraph]) -> frozenset[str]:
    """Unions whose members differ from subgraph to subgraph."""
    members: dict[str, set[frozenset[str]]] = defaultdict(set)
    for subgraph in subgraphs.values():
        for type_ in subgraph.types.values():
            if type_.kind is TypeKind.UNION:
                members[type_.name].add(type_.possible)
    return frozenset(name for name, variants in members.items() if len(variants) > 1)
