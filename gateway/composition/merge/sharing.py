"""Who resolves a field: one subgraph, or several that all call it shareable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.composition.merge.overrides import is_gone
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Field, Kind, Type


def check(merge: Merge, target: Type, name: str, sources: Sequence[Source[Field]]) -> None:
    """Reports a field of an object type that several subgraphs resolve although one of them keeps it to itself."""
    resolving = list(_resolving(merge, target, sources)) + list(_through_interface_objects(merge, target, name))
    exclusive = [source for source, shareable in resolving if not shareable]
    at = f"{target.name}.{name}"
    if len(resolving) < 2 or _migrating(merge, target.name, name, resolving, exclusive):
        return
    if target is merge.schema.root("subscription"):
        exclusive = [source for source, _ in resolving]
        message = f'Field "{at}" is resolved from {names(exclusive)}: a subscription field belongs to one subgraph.'
        merge.report.error("INVALID_FIELD_SHARING", message, places(exclusive))
    elif exclusive:
        sources_shown = names([source for source, _ in resolving])
        where = "all of them" if len(exclusive) == len(resolving) else names(exclusive)
        merge.report.error(
            "INVALID_FIELD_SHARING",
            f'Non-shareable field "{at}" is resolved from multiple subgraphs: it is resolved from {sources_shown} and '
            f"is not @shareable in {where}. Mark it @shareable everywhere or resolve it once.",
            places([source for source, _ in resolving]),
        )


def _resolving(merge: Merge, target: Type, sources: Sequence[Source[Field]]) -> Iterator[tuple[Source[Field], bool]]:
    for source in sources:
        facts = merge.facts[source.subgraph.name]
        owner = source.subgraph.schema.types[target.name]
        if not facts.is_fully_external(owner, source.element) and not is_gone(merge, target.name, source):
            external = facts.is_external(owner, source.element)
            yield source, external or facts.is_shareable(owner, source.element)


def _through_interface_objects(merge: Merge, target: Type, name: str) -> Iterator[tuple[Source[Field], bool]]:
    for subgraph, owner in interface_objects(merge, target):
        field = owner.fields.get(name)
        facts = merge.facts[subgraph.name]
        if field is not None and not facts.is_external(owner, field):
            yield Source(subgraph, field), facts.is_shareable(owner, field)


def interface_objects(merge: Merge, target: Type) -> Iterator[tuple[Subgraph, Type]]:
    """The objects that stand, in other subgraphs, for an interface of the type."""
    for subgraph in merge.subgraphs:
        for interface in target.interfaces:
            owner = subgraph.schema.types.get(interface)
            if owner is not None and owner.kind is Kind.OBJECT and owner.has("interfaceObject"):
                yield subgraph, owner


def _migrating(
    merge: Merge,
    owner: str,
    name: str,
    resolving: Sequence[tuple[Source[Field], bool]],
    exclusive: Sequence[Source[Field]],
) -> bool:
    """A labelled override makes its two ends exclusive alternatives."""
    ends = {
        source.subgraph.name
        for source, _ in resolving
        if (entry := merge.overrides.get(((owner, name), source.subgraph.name))) and entry.label is not None
    }
    return len(ends) > 1 and all(source.subgraph.name in ends for source in exclusive) and len(resolving) == len(ends)
