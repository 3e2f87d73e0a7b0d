"""Merging directives that clients write in operations: those that every subgraph defines, at common locations."""

from __future__ import annotations

from collections.abc import Container, Sequence

from gateway.composition.merge.arguments import merge_arguments
from gateway.composition.merge.state import Merge, Source, names, places
from gateway.language.schema import DirectiveDefinition, Field

EXECUTABLE = (
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
)
_BUILT_IN = frozenset({"skip", "include", "deprecated", "specifiedBy", "defer", "stream", "oneOf"})


def merge_executable_directives(merge: Merge, composed: Container[str]) -> None:
    """Those named by @composeDirective have their definition already."""
    found = dict.fromkeys(
        name
        for subgraph in merge.subgraphs
        for name, definition in subgraph.schema.definitions.items()
        if definition.node is not None and _executable(definition) and name not in _BUILT_IN and name not in composed
    )
    for name in found:
        sources = [
            Source(subgraph, subgraph.schema.definitions[name])
            for subgraph in merge.subgraphs
            if name in subgraph.schema.definitions
        ]
        _merge_directive(merge, name, sources)


def _executable(definition: DirectiveDefinition) -> set[str]:
    return set(definition.locations) & set(EXECUTABLE)


def _merge_directive(merge: Merge, name: str, sources: Sequence[Source[DirectiveDefinition]]) -> None:
    at = f"@{name}"
    common = _common_locations(merge, at, sources)
    if not common:
        return
    if any(_executable(source.element) != common for source in sources):
        message = f'Executable directive "{at}" keeps the locations common to {names(sources)}: {sorted(common)}.'
        merge.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS", message, at, places(sources))
    repeatable = {source.element.repeatable for source in sources}
    if len(repeatable) > 1:
        message = f'Executable directive "{at}" is repeatable in some subgraphs only, so not in the supergraph.'
        merge.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE", message, at, places(sources))
    carrier = Field(name)
    merge_arguments(merge, at, carrier, [_as_field(source) for source in sources])
    target = DirectiveDefinition(
        name,
        args=carrier.args,
        locations=tuple(location for location in sources[0].element.locations if location in common),
        repeatable=repeatable == {True},
    )
    merge.annotate(target, sources)
    merge.schema.definitions[name] = target


def _common_locations(merge: Merge, at: str, sources: Sequence[Source[DirectiveDefinition]]) -> set[str]:
    """Subgraph by subgraph; the first without the directive, or without a common location, ends the search."""
    by_subgraph = {source.subgraph.name: _executable(source.element) for source in sources}
    common = set(EXECUTABLE)
    for subgraph in merge.subgraphs:
        if subgraph.name not in by_subgraph:
            lacking = [entry.name for entry in merge.subgraphs if entry.name not in by_subgraph]
            message = f'Executable directive "{at}" is left out: {names(lacking)} do not define it.'
            merge.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", message, at, places(sources))
            return set()
        common &= by_subgraph[subgraph.name]
        if not common:
            message = f'Executable directive "{at}" has no location common to {names(sources)} and is left out.'
            merge.report.hint("NO_EXECUTABLE_DIRECTIVE_INTERSECTION", message, at, places(sources))
            return set()
    return common


def _as_field(source: Source[DirectiveDefinition]) -> Source[Field]:
    """Arguments of directives merge like those of fields."""
    return Source(source.subgraph, Field(source.element.name, node=source.element.node, args=source.element.args))
