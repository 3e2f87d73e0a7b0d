"""Owns the projection: what of the merged data the client gets, built from the client's selections and the API schema.

Invariant: every field that the client selected appears once for each combination of type and condition under which it
is in the response, in the client's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphql import (
    GraphQLEnumType,
    GraphQLNonNull,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from gateway.graph.conditions import disjoint
from gateway.graph.selection import Field, SelectionSet, fields_on
from gateway.planner.errors import PlanningFailed
from gateway.planner.field_types import field_type
from gateway.planner.nodes import ProjectedField, Projection, Spot, TypeShape
from gateway.planner.operation import Operation
from gateway.planner.parts import INITIAL, SPOT
from gateway.planner.scope import Scope
from gateway.supergraph.model import Supergraph


def project(supergraph: Supergraph, operation: Operation, scope: Scope) -> Projection:
    """The projection of an operation's answer."""
    return _Projector(supergraph, operation).object(operation.selections, operation.root_type, scope, INITIAL)


class _Projector:
    def __init__(self, supergraph: Supergraph, operation: Operation) -> None:
        self._parts = {part.id: part for part in operation.deferred}
        self._schema = supergraph.api_schema
        self._possible = supergraph.api_possible
        self._kept: dict[tuple[str, str, Scope, str], Projection] = {}

    def object(self, selections: SelectionSet, type_name: str, scope: Scope, part: str) -> Projection:
        slot = (selections.text, type_name, scope, part)
        if slot not in self._kept:
            self._kept[slot] = self._object(selections, type_name, scope, part)
        return self._kept[slot]

    def _object(self, selections: SelectionSet, type_name: str, scope: Scope, part: str) -> Projection:
        possible = sorted(self._possible[type_name]) or [type_name]
        grouped: dict[tuple[ProjectedField, ...], list[str]] = {}
        if not is_abstract_type(self._schema.type_map[type_name]):
            return _with_spots(self._fields(selections, type_name, scope, part, type_name), type_name)
        for concrete in possible:
            grouped.setdefault(self._fields(selections, concrete, scope, part, type_name), []).append(concrete)
        if len(grouped) == 1:
            return _with_spots(next(iter(grouped)))
        return _with_spots(_aligned([(fields, frozenset(types)) for fields, types in grouped.items()], len(possible)))

    def _fields(
        self, selections: SelectionSet, type_name: str, scope: Scope, part: str, place: str
    ) -> tuple[ProjectedField, ...]:
        """What objects of a concrete type show at a place that is declared as `place`."""
        result: list[ProjectedField] = []
        for selected in fields_on(selections, type_name, self._possible):
            if selected.name == SPOT:
                projected = self._spot(selected, type_name, scope, place)
            else:
                projected = self._field(selected, type_name, scope, part)
            result += [_under(projected, tuple(sorted(clause))) for clause in disjoint(selected.condition)]
        return tuple(result)

    def _spot(self, selected: Field, type_name: str, scope: Scope, place: str) -> ProjectedField:
        """A spot in the form of a field: `_with_spots` takes it out again when types and conditions are settled.

        Where the type is known statically, data need not tell it; elsewhere they do, and one projection serves all.
        """
        part = self._parts[selected.response_key]
        shown = self.object(part.selections, type_name if place == type_name else part.type_name, scope, part.id)
        return ProjectedField(part.id, SPOT, TypeShape((True,)), children=shown)

    def _field(self, selected: Field, type_name: str, scope: Scope, part: str) -> ProjectedField:
        declared = field_type(self._schema, type_name, selected.name)
        if declared is None:
            raise PlanningFailed("GRAPHQL_VALIDATION_FAILED", f"{type_name} has no field {selected.name}.")
        introspection = selected.name in ("__schema", "__type")
        source = scope.source(selected.response_key, selected.identity, type_name, part) or selected.response_key
        named = get_named_type(declared)
        children, possible = None, None
        if selected.selections is not None and is_composite_type(named) and not introspection:
            below = scope.child(source)
            children = self.object(selected.selections, named.name, below, part)
            possible = self._possible[named.name] if is_abstract_type(named) and below.typename_known else None
        return ProjectedField(
            response_key=selected.response_key,
            source="__typename" if selected.name == "__typename" else source,
            shape=shape_of(declared),
            typename=selected.name == "__typename",
            introspection=introspection,
            enum_values=frozenset(named.values) if isinstance(named, GraphQLEnumType) else None,
            children=children,
            possible_types=possible,
            field_name=selected.name,
        )


def _with_spots(fields: tuple[ProjectedField, ...], typename: str | None = None) -> Projection:
    spots = tuple(
        Spot(field.response_key, field.children, field.types, field.conditions)
        for field in fields
        if field.source == SPOT and field.children is not None
    )
    return Projection(tuple(field for field in fields if field.source != SPOT) if spots else fields, typename, spots)


def shape_of(declared: GraphQLOutputType) -> TypeShape:
    """Nullability level by level."""
    levels: list[bool] = []
    while True:
        levels.append(not is_non_null_type(declared))
        inner = declared.of_type if isinstance(declared, GraphQLNonNull) else get_nullable_type(declared)
        if not is_list_type(inner):
            return TypeShape(tuple(levels))
        declared = inner.of_type


def _under(projected: ProjectedField, conditions: tuple[tuple[str, bool], ...]) -> ProjectedField:
    return replace(projected, conditions=conditions) if conditions else projected


def _aligned(
    groups: Sequence[tuple[tuple[ProjectedField, ...], frozenset[str]]], everything: int
) -> tuple[ProjectedField, ...]:
    """One list for all groups of types in which each group finds its fields in its own order."""
    merged: list[tuple[ProjectedField, frozenset[str]]] = []
    for fields, types in groups:
        at = 0
        for projected in fields:
            found = next((index for index in range(at, len(merged)) if merged[index][0] == projected), None)
            if found is None:
                merged.insert(at, (projected, types))
                at += 1
            else:
                merged[found] = (projected, merged[found][1] | types)
                at = found + 1
    return tuple(
        projected if len(types) == everything else replace(projected, types=types) for projected, types in merged
    )
