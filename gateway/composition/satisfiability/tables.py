"""The merged subgraphs as the query graph reads them: the model that a gateway reads from the supergraph's text.

Invariant: the tables say what the `@join__*` applications of the supergraph say; they are built from the merge itself,
because printing and parsing a large supergraph would cost more than the rest of the check.
"""

from __future__ import annotations

from graphql import GraphQLSchema

from gateway.composition.facts import Facts
from gateway.composition.merge.state import Merge, Override
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Field, Kind, Type
from gateway.language.selections import split_context
from gateway.supergraph.model import (
    EntityKey,
    RootTypes,
    SubgraphField,
    SubgraphType,
    Supergraph,
    TypeKind,
)
from gateway.supergraph.model import Subgraph as Tables

_KINDS = {Kind.OBJECT: TypeKind.OBJECT, Kind.INTERFACE: TypeKind.INTERFACE, Kind.UNION: TypeKind.UNION}


def tables(merge: Merge) -> Supergraph:
    """Composite types only; the schemas that clients see are left empty, the check walks the merged one."""
    roots = merge.schema.roots
    nothing = GraphQLSchema()
    possible = {
        owner.name: frozenset(merge.schema.possible(owner.name))
        for owner in merge.schema.types.values()
        if owner.is_composite
    }
    return Supergraph(
        subgraphs={subgraph.graph: _tables(merge, subgraph) for subgraph in merge.subgraphs},
        roots=RootTypes(roots["query"], roots.get("mutation"), roots.get("subscription")),
        full_schema=nothing,
        api_schema=nothing,
        possible=possible,
        api_possible=possible,
        partial_unions=frozenset(),
        labels=frozenset(entry.label for entry in merge.overrides.values() if entry.label is not None),
    )


def _tables(merge: Merge, subgraph: Subgraph) -> Tables:
    facts = merge.facts[subgraph.name]
    types = {
        owner.name: _type(merge, subgraph, facts, owner)
        for owner in subgraph.schema.types.values()
        if owner.is_composite and owner.name not in subgraph.machinery
    }
    return Tables(subgraph.graph, subgraph.name, subgraph.url, types)


def _type(merge: Merge, subgraph: Subgraph, facts: Facts, owner: Type) -> SubgraphType:
    stands_for_interface = owner.has("interfaceObject")
    fields = {}
    for field in owner.fields.values():
        override = merge.overrides.get(((owner.name, field.name), subgraph.name), Override())
        if not override.overridden or override.used:
            fields[field.name] = _field(facts, owner, field, override)
    return SubgraphType(
        name=owner.name,
        kind=TypeKind.INTERFACE if stands_for_interface else _KINDS[owner.kind],
        keys=tuple(
            EntityKey(str(key.args.get("fields")), key.args.get("resolvable") is not False)
            for key in owner.applied("key")
        ),
        interface_object=stands_for_interface,
        fields=fields,
        possible=frozenset() if stands_for_interface else frozenset(subgraph.schema.possible(owner.name)),
        interfaces=frozenset(owner.interfaces),
    )


def _field(facts: Facts, owner: Type, field: Field, override: Override) -> SubgraphField:
    return SubgraphField(
        name=field.name,
        type=field.type,
        external=facts.is_external(owner, field) or override.overridden,
        requires=_field_set(field, "requires"),
        provides=_field_set(field, "provides"),
        label=override.label,
        label_active=not override.origin,
    )


def _field_set(field: Field, spec: str) -> str | None:
    for application in field.applied(spec):
        return str(application.args.get("fields"))
    return None


Contextual = dict[tuple[str, str, str], frozenset[str]]


def contextual(merge: Merge) -> Contextual:
    """The contexts that a field's arguments come from, by graph, type and field; only where there are any.

    They are kept beside the tables: a context is a matter of the way to a field, not of the field's edge.
    """
    found: Contextual = {}
    for subgraph in merge.subgraphs:
        for owner in subgraph.schema.of_kind(Kind.OBJECT):
            for field in owner.fields.values():
                names = {
                    f"{subgraph.name}__{split_context(application.args.get('field'))[0]}"
                    for argument in field.args.values()
                    for application in argument.applied("fromContext")
                }
                if names:
                    found[subgraph.graph, owner.name, field.name] = frozenset(names)
    return found
