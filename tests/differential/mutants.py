"""Owns planners that are wrong on purpose: each lacks one rule of federation, and the differential test must see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.supergraph.model import Subgraph, SubgraphField, SubgraphType, Supergraph, TypeKind

Mutation = Callable[[Supergraph], Supergraph]


def without_requirements(supergraph: Supergraph) -> Supergraph:
    """Fields with `@requires` are asked for like any other."""
    return _with_fields(supergraph, lambda field: replace(field, requires=None))


def without_provided_views(supergraph: Supergraph) -> Supergraph:
    """External fields count as resolved everywhere, not only where they are provided."""
    return _with_fields(supergraph, lambda field: replace(field, external=False))


def without_override_labels(supergraph: Supergraph) -> Supergraph:
    """A progressive override counts as done on both sides."""
    return _with_fields(supergraph, lambda field: replace(field, label=None))


def without_member_check(supergraph: Supergraph) -> Supergraph:
    """Every subgraph is believed to know every member of its unions and interfaces."""

    def widen(table: SubgraphType) -> SubgraphType:
        if table.kind in (TypeKind.OBJECT, TypeKind.ENUM) or table.interface_object:
            return table
        return replace(table, possible=supergraph.possible[table.name])

    return _with_types(supergraph, widen)


MUTANTS: Mapping[str, Mutation] = {
    "requirement step": without_requirements,
    "view of @provides": without_provided_views,
    "override labels": without_override_labels,
    "union member check": without_member_check,
}


def _with_fields(supergraph: Supergraph, change: Callable[[SubgraphField], SubgraphField]) -> Supergraph:
    return _with_types(
        supergraph,
        lambda table: replace(table, fields={name: change(field) for name, field in table.fields.items()}),
    )


def _with_types(supergraph: Supergraph, change: Callable[[SubgraphType], SubgraphType]) -> Supergraph:
    def changed(subgraph: Subgraph) -> Subgraph:
        return replace(subgraph, types={name: change(table) for name, table in subgraph.types.items()})

    return replace(supergraph, subgraphs={name: changed(each) for name, each in supergraph.subgraphs.items()})
