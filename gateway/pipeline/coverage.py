"""Answers a selection from an event's value, and says what the value does not hold.

The value speaks GraphQL field names; the answer has the selection's response keys. A field with arguments is never
taken from a value, since nobody can tell with which arguments it was made. What is missing is fetched below the
nearest object around it that the owning subgraph can find again by a key that the value holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
    value_from_ast_untyped,
)

from gateway.planner.nodes import Items, Key, Path

JsonObject = dict[str, Any]

KeysOf = Callable[[str], Sequence[tuple[str, ...]]]
"""The keys of a type in the owning subgraph, each a tuple of plain field names."""

KEY_PREFIX = "__key_"


@dataclass(frozen=True, slots=True)
class Gap:
    """Objects of one type at one path lack fields; their key stands in the data under `KEY_PREFIX` names."""

    path: Path
    typename: str
    key: tuple[str, ...]


@dataclass(slots=True)
class Covered:
    """What a value answers; `gaps` maps the rest to the missing fields by response key."""

    data: Any
    gaps: dict[Gap, dict[str, FieldNode]] = field(default_factory=dict)


class Coverage:
    """Compares values with one document's selection."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        keys_of: KeysOf,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._keys_of = keys_of
        self._variables = variables

    def cover(self, root: FieldNode, declared: GraphQLNamedType | None, value: Any) -> Covered:
        """The data of the root field for this value of it."""
        covered = Covered(None)
        key = response_key(root)
        path: Path = (Key(key),)
        if root.selection_set is None or value is None:
            covered.data = value
        else:
            covered.data, _ = self._value(root.selection_set, declared, value, path, covered)
        return covered

    def _value(
        self, selections: SelectionSetNode, declared: GraphQLNamedType | None, value: Any, path: Path, covered: Covered
    ) -> tuple[Any, bool]:
        """The answer for a value and whether nothing is missing that an object further out should fetch."""
        if isinstance(value, list):
            parts = [self._value(selections, declared, item, (*path, Items()), covered) for item in value]
            return [part for part, _ in parts], all(complete for _, complete in parts)
        if not isinstance(value, dict):
            return None, value is None
        return self._object(selections, declared, value, path, covered)

    def _object(
        self,
        selections: SelectionSetNode,
        declared: GraphQLNamedType | None,
        value: JsonObject,
        path: Path,
        covered: Covered,
    ) -> tuple[JsonObject, bool]:
        concrete = self._concrete(declared, value)
        data: JsonObject = {}
        if concrete is not None:
            data["__typename"] = concrete.name
        missing: dict[str, FieldNode] = {}
        for node in self._fields(selections, concrete):
            if not self._answer(node, concrete, value, data, path, covered):
                missing[response_key(node)] = node
        if not missing:
            return data, True
        key = self._usable_key(concrete, value)
        if concrete is None or key is None:
            return data, False
        data.update({KEY_PREFIX + name: value[name] for name in key})
        covered.gaps.setdefault(Gap(path, concrete.name, key), {}).update(missing)
        return data, True

    def _answer(
        self,
        node: FieldNode,
        concrete: GraphQLObjectType | None,
        value: JsonObject,
        data: JsonObject,
        path: Path,
        covered: Covered,
    ) -> bool:
        """Puts the field's value into `data`; False when the value does not hold it."""
        name, key = node.name.value, response_key(node)
        if name == "__typename":
            if concrete is not None:
                data[key] = concrete.name
            return concrete is not None
        if node.arguments or name not in value:
            return False
        if node.selection_set is None:
            data[key] = value[name]
            return True
        field_type = concrete.fields.get(name) if concrete is not None else None
        declared = get_named_type(field_type.type) if field_type is not None else None
        data[key], complete = self._value(node.selection_set, declared, value[name], (*path, Key(key)), covered)
        return complete

    def _concrete(self, declared: GraphQLNamedType | None, value: JsonObject) -> GraphQLObjectType | None:
        if is_object_type(declared):
            return declared
        named = self._schema.type_map.get(str(value.get("__typename")))
        return named if is_object_type(named) else None

    def _usable_key(self, concrete: GraphQLObjectType | None, value: JsonObject) -> tuple[str, ...] | None:
        if concrete is None:
            return None
        usable = (key for key in self._keys_of(concrete.name) if all(value.get(name) is not None for name in key))
        return next(usable, None)

    def _fields(self, selections: SelectionSetNode, concrete: GraphQLObjectType | None) -> Iterator[FieldNode]:
        """The fields that apply to an object of this type under these variables."""
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            condition: str | None
            if isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the third and last kind of selection
                condition = node.type_condition.name.value if node.type_condition else None
                inner = node.selection_set
            if condition is None or self._is(concrete, condition):
                yield from self._fields(inner, concrete)

    def _is(self, concrete: GraphQLObjectType | None, condition: str) -> bool:
        if concrete is None or concrete.name == condition:
            return concrete is not None
        named = self._schema.type_map.get(condition)
        return is_abstract_type(named) and self._schema.is_sub_type(_abstract(named), concrete)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                wanted = bool(value_from_ast_untyped(argument.value, dict(self._variables)))
                if directive.name.value == "include" and not wanted:
                    return False
                if directive.name.value == "skip" and wanted:
                    return False
        return True


def _abstract(named: Any) -> GraphQLAbstractType:
    abstract: GraphQLAbstractType = named
    return abstract


def response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
