"""Owns the removal of fragments that say nothing: a condition that the type around it implies dissolves, one that no
object can meet disappears, equal response keys under one type are merged.

Invariant: for every concrete type the same fields remain, in the same order of first appearance.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLSchema, get_named_type, is_composite_type

from gateway.graph.conditions import both
from gateway.graph.selection import Field, Fragment, Possible, Selection, SelectionSet, merge_fields
from gateway.planner.field_types import field_type


def flatten_fragments(
    selections: SelectionSet, type_name: str, schema: GraphQLSchema, possible: Possible
) -> SelectionSet:
    """The selections on a type, with only the fragments that tell types apart."""
    return _Flattener(schema, possible).flatten(selections, type_name)


class _Flattener:
    def __init__(self, schema: GraphQLSchema, possible: Possible) -> None:
        self._schema = schema
        self._possible = possible

    def flatten(self, selections: SelectionSet, type_name: str) -> SelectionSet:
        items = merge_fields(self._items(selections, type_name, self._possible.get(type_name, frozenset())))
        return SelectionSet(self._descend(item, type_name) for item in items)

    def _items(self, selections: SelectionSet, type_name: str, around: frozenset[str]) -> Iterator[Selection]:
        for item in selections:
            if isinstance(item, Field):
                yield item
                continue
            matching = around & self._possible.get(item.type_name, frozenset())
            if matching == around:
                for inner in self._items(item.selections, type_name, around):
                    yield _under(inner, item)
            elif matching:
                yield item

    def _descend(self, item: Selection, type_name: str) -> Selection:
        if isinstance(item, Fragment):
            return Fragment(item.type_name, self.flatten(item.selections, item.type_name), item.condition)
        if item.selections is None:
            return item
        declared = field_type(self._schema, type_name, item.name)
        named = get_named_type(declared) if declared is not None else None
        if named is None or not is_composite_type(named):
            return item
        return item.having(selections=self.flatten(item.selections, named.name))


def _under(item: Selection, fragment: Fragment) -> Selection:
    joined = both(item.condition, fragment.condition)
    if joined == item.condition:
        return item
    if isinstance(item, Field):
        return item.having(condition=joined)
    return Fragment(item.type_name, item.selections, joined)
