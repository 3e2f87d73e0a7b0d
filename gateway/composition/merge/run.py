"""Merging as one function: its stages in order."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.facts import Facts
from gateway.composition.merge import compose_directive, overrides
from gateway.composition.merge.directive_names import choose_names
from gateway.composition.merge.directives import DirectiveMerger
from gateway.composition.merge.enums import merge_enums
from gateway.composition.merge.executable_directives import merge_executable_directives
from gateway.composition.merge.header import add_header
from gateway.composition.merge.state import Merge, Source
from gateway.composition.merge.types import add_types, merge_types
from gateway.composition.report import Report
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Type


def merge(subgraphs: Sequence[Subgraph], report: Report) -> Merge:
    """The supergraph of valid subgraphs; it is whole only if the report has no new error."""
    state = Merge(subgraphs, report)
    state.facts = {subgraph.name: Facts(subgraph.schema) for subgraph in subgraphs}
    state.subgraph_named = {subgraph.name: subgraph for subgraph in subgraphs}
    _ensure_query(subgraphs)
    state.index()
    before = len(report.errors)
    composed = compose_directive.collect(state)
    if len(report.errors) > before:
        return state
    state.composed = set(composed)
    if not add_types(state):
        del report.errors[:-1]  # what else was found speaks of hierarchies that do not exist
        return state
    if "query" not in state.schema.roots or not _has_queries(subgraphs):
        message = "No queries found in any subgraph: a supergraph must have a query root type. Add a field to Query."
        report.error("NO_QUERIES", message, [(subgraph.name, None) for subgraph in subgraphs])
    overrides.settle(state)
    merge_types(state)
    merge_executable_directives(state, composed)
    composed_definitions = [entry.definition for entry in composed.values()]
    merge_enums(state, [*state.schema.definitions.values(), *composed_definitions])
    state.annotate(state.schema, [Source(subgraph, subgraph.schema) for subgraph in subgraphs])
    names = choose_names(state)
    if not report.errors:
        DirectiveMerger(state, names, composed).run()
        add_header(state, names, composed)
    return state


def _ensure_query(subgraphs: Sequence[Subgraph]) -> None:
    """Every subgraph answers `_service`, so every one has a Query, last if it declares none."""
    for subgraph in subgraphs:
        if "query" not in subgraph.schema.roots and "Query" not in subgraph.schema.types:
            subgraph.schema.types["Query"] = Type("Query")
            subgraph.schema.roots["query"] = "Query"


def _has_queries(subgraphs: Sequence[Subgraph]) -> bool:
    return any(
        name not in ("_service", "_entities")
        for subgraph in subgraphs
        for name in (subgraph.schema.types["Query"].fields if "Query" in subgraph.schema.types else ())
    )
