"""Who resolves a field: one subgraph, or several that all call it shareable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.composition.merge.overrides import gives_way
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Field, Kind, Type


def check(merge: Merge, target: Type, name: str, sources: Sequence[Source[Field]]) -> None:
    """Reports a field of an object type that several subgraphs resolve although one of them keeps it to itself."""
    resolving = list(_resolving(merge, target, sources)) + list(_through_interface_objects(merge, target, name))
    exclusive = [source for source, shareable in resolving if not shareable]
    at = f"{target.name}.{name}"
    if target is merge.schema.root("subscription"):
        shared = [source for source in sources if source.element.has("shareable")]
        if shared:
            message = f'Subscription field "{at}" cannot be @shareable: it belongs to one subgraph ({names(shared)}).'
            merge.report.error("INVALID_FIELD_SHARING", message, places(shared))
            return
    if len(resolving) > 1 and exclusive:
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
        if not facts.is_fully_external(owner, source.element) and not gives_way(merge, target.name, source):
            external = facts.is_external(owner, source.element)
            yield source, external or facts.is_shareable(owner, source.element)


def _through_interface_objects(merge: Merge, target: Type, name: str) -> Iterator[tuple[Source[Field], bool]]:
    for subgraph, owner in interface_objects(merge, target):
        field = owner.fields.get(name)
        facts = merge.facts[subgraph.name]
        if field is not None and not facts.is_external(owner, field):
            yield Source(subgraph, field), facts.is_shareable(owner, field)


def interface_objects(merge: Merge, target: Type) -> Iterator[tuple[Subgraph, Type]]:
    """The objects that stand, in subgraphs without the type, for an interface of it."""
    for subgraph in merge.subgraphs:
        if target.name in subgraph.schema.types:
            continue
        for interface in target.interfaces:
            owner = subgraph.schema.types.get(interface)
            if owner is not None and owner.kind is Kind.OBJECT and owner.has("interfaceObject"):
                yield subgraph, owner
