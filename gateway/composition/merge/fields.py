"""Merging the fields of objects and interfaces."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge import externals, join, sharing
from gateway.composition.merge.arguments import merge_arguments
from gateway.composition.merge.references import merge_output
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import Field, Kind, Type

FEDERATION_FIELDS = frozenset({"_service", "_entities"})


def merge_fields(merge: Merge, target: Type, sources: Sequence[Source[Type]]) -> None:
    """Every field that some subgraph declares."""
    is_query = target is merge.schema.root("query")
    for name in dict.fromkeys(name for source in sources for name in source.element.fields):
        if is_query and name in FEDERATION_FIELDS:
            continue
        declared = [
            Source(source.subgraph, source.element.fields[name]) for source in sources if name in source.element.fields
        ]
        _merge_field(merge, target, name, sources, declared)


def _merge_field(
    merge: Merge, target: Type, name: str, types: Sequence[Source[Type]], declared: Sequence[Source[Field]]
) -> None:
    at = f"{target.name}.{name}"
    resolving = [source for source in declared if not _is_external(merge, target, source)]
    others = [source for source in declared if source not in resolving]
    standing = [
        Source(subgraph, owner.fields[name])
        for subgraph, owner in sharing.interface_objects(merge, target)
        if name in owner.fields
    ]
    if not resolving and not standing:
        merge.report.error(
            "EXTERNAL_MISSING_ON_BASE",
            f'Field "{at}" is @external wherever it is declared ({names(declared)}). Resolve it in one subgraph.',
            places(declared),
        )
        target.fields[name] = Field(name, type=declared[0].element.type)
        return
    if target.kind is Kind.OBJECT:
        sharing.check(merge, target, name, declared)
    bases = resolving or standing
    field = Field(name, type=merge_output(merge, at, bases))
    target.fields[name] = field
    merge_arguments(merge, at, field, bases)
    if resolving:
        externals.check(merge, at, field, resolving, others)
    else:
        field.args = {name: entry for name, entry in field.args.items() if _in_all(name, others)}
    join.add_fields(merge, target.name, field, types, declared)
    merge.annotate(field, bases)


def _in_all(argument: str, sources: Sequence[Source[Field]]) -> bool:
    return all(argument in source.element.args for source in sources)


def _is_external(merge: Merge, target: Type, source: Source[Field]) -> bool:
    owner = source.subgraph.schema.types[target.name]
    return merge.facts[source.subgraph.name].is_external(owner, source.element)


def spread_interface_objects(merge: Merge) -> None:
    """Gives every implementation the fields that `@interfaceObject`s add to its interfaces."""
    for target in merge.schema.of_kind(Kind.OBJECT):
        for name in _abstracted(merge, target):
            found = [
                Source(subgraph, owner.fields[name])
                for subgraph, owner in sharing.interface_objects(merge, target)
                if name in owner.fields and not merge.facts[subgraph.name].is_external(owner, owner.fields[name])
            ]
            if not found:
                continue
            sharing.check(merge, target, name, [])
            _spread(merge, target, name, found)


def _abstracted(merge: Merge, target: Type) -> list[str]:
    names_ = dict.fromkeys(name for _, owner in sharing.interface_objects(merge, target) for name in owner.fields)
    return [name for name in names_ if name not in target.fields]


def _spread(merge: Merge, target: Type, name: str, found: Sequence[Source[Field]]) -> None:
    model = next(
        merge.schema.types[interface].fields[name]
        for interface in target.interfaces
        if name in merge.schema.types[interface].fields
    )
    field = Field(name, type=model.type, args=dict(model.args))
    merge.annotate(field, found)
    field.directives.append(join.without_graph())
    target.fields[name] = field
