"""Merging types: same kind everywhere, then member by member."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge import fields, inputs, join, unions
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import ROOT_NAMES, Kind, Type


def add_types(merge: Merge) -> bool:
    """Adds every type with its kind and interfaces, so that members can be compared against whole hierarchies.

    False when the hierarchies make no sense.
    """
    found = dict.fromkeys(name for subgraph in merge.subgraphs for name in subgraph.schema.types)
    for name in found:
        sources = merge.types(name)
        if sources:
            target = Type(name, kind=kind_of(sources[0].element))
            for source in sources:
                target.interfaces |= dict.fromkeys(source.element.interfaces)
                target.members |= dict.fromkeys(source.element.members)
            merge.schema.types[name] = target
    _add_roots(merge)
    if not _hierarchies_hold(merge):
        return False
    _check_kinds(merge)
    return True


def _hierarchies_hold(merge: Merge) -> bool:
    """Whether only interfaces are implemented and only objects are members of unions."""
    for owner in merge.schema.types.values():
        wanted = {**dict.fromkeys(owner.interfaces, Kind.INTERFACE), **dict.fromkeys(owner.members, Kind.OBJECT)}
        for name, kind in wanted.items():
            if merge.schema.types[name].kind is not kind:
                sources = merge.types(name)
                message = f'In the supergraph, "{owner.name}" cannot use "{name}": {_kinds(sources)}. Rename one.'
                merge.report.error("INVALID_GRAPHQL", message, places(sources))
                return False
    return True


def _check_kinds(merge: Merge) -> None:
    for name in merge.schema.types:
        sources = merge.types(name)
        if len({kind_of(source.element) for source in sources}) > 1:
            message = f'Type "{name}" has mismatched kinds: {_kinds(sources)}. Rename one or align the kinds.'
            merge.report.error("TYPE_KIND_MISMATCH", message, places(sources))


def _kinds(sources: Sequence[Source[Type]]) -> str:
    return "it is defined as " + " but ".join(
        f"{kind_of(source.element).value} in {names([source])}" for source in sources
    )


def kind_of(owner: Type) -> Kind:
    """The kind in the supergraph."""
    return Kind.INTERFACE if owner.has("interfaceObject") else owner.kind


def _add_roots(merge: Merge) -> None:
    for operation, name in ROOT_NAMES.items():
        used = any(operation in subgraph.schema.roots for subgraph in merge.subgraphs)
        if used and name in merge.schema.types:
            merge.schema.roots[operation] = name


def merge_types(merge: Merge) -> None:
    """Fills all types but enums, whose use must be known first."""
    for target in list(merge.schema.types.values()):
        declared = merge.types(target.name)
        _check_interface_objects(merge, target, declared)
        sources = [source for source in declared if kind_of(source.element) is target.kind]
        join.add_implements(target, sources)
        join.add_types(target, sources)
        merge.annotate(target, sources)
        if target.kind is Kind.UNION:
            target.members = {}
            unions.merge_union(merge, target, sources)
        elif target.kind is Kind.INPUT:
            inputs.merge_input_object(merge, target, declared)
        elif target.kind in (Kind.OBJECT, Kind.INTERFACE):
            _hint_missing(merge, target, sources)
            fields.merge_fields(merge, target, sources)
    fields.spread_interface_objects(merge)


def _check_interface_objects(merge: Merge, target: Type, sources: Sequence[Source[Type]]) -> None:
    standing = [source for source in sources if source.element.has("interfaceObject")]
    if standing and len(standing) == len(sources):
        merge.report.error(
            "INTERFACE_OBJECT_USAGE_ERROR",
            f'Type "{target.name}" is an @interfaceObject in every subgraph that defines it ({names(standing)}). '
            "Define the interface in one subgraph.",
            places(standing),
        )


def _hint_missing(merge: Merge, target: Type, sources: Sequence[Source[Type]]) -> None:
    """Says which fields of a type that is meant to be the same everywhere are not everywhere."""
    if target.kind is Kind.OBJECT:
        keyed = [source for source in sources if source.element.has("key")]
        if keyed and len(keyed) < len(sources):
            plain = [source for source in sources if source not in keyed]
            merge.report.hint(
                "INCONSISTENT_ENTITY",
                f'Type "{target.name}" is an entity (has a @key) in {names(keyed)} but not in {names(plain)}.',
                target.name,
                places(sources),
            )
        if keyed or target.name in merge.schema.roots.values():
            return
    else:
        sources = [source for source in sources if not source.element.has("interfaceObject")]
        if any(source.element.has("key") for source in sources):
            return
    code = f"INCONSISTENT_{target.kind.value}_VALUE_TYPE_FIELD"
    for name in dict.fromkeys(name for source in sources for name in source.element.fields):
        having = [source for source in sources if name in source.element.fields]
        lacking = [source for source in sources if source not in having and _resolves_something(merge, source)]
        if lacking:
            merge.report.hint(
                code,
                f'Field "{target.name}.{name}" is defined in {names(having)} but not in {names(lacking)}, '
                f'which define "{target.name}" too.',
                f"{target.name}.{name}",
                places(having),
            )


def _resolves_something(merge: Merge, source: Source[Type]) -> bool:
    """A declaration with nothing but external fields only refers to the type."""
    facts = merge.facts[source.subgraph.name]
    return any(not facts.is_external(source.element, field) for field in source.element.fields.values())
