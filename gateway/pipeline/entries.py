"""How many entries an operation may ask for: lists within lists multiply, and no subgraph can be asked for a million.

A list that is paged counts as many as its page holds, any other as a few; what a variable says is not known yet, so it
counts as the largest page. Introspection is answered here and not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)

from gateway.pipeline.answer import RequestRefused

PAGE_ARGUMENTS = ("first", "last")
LARGEST_PAGE = 100
USUAL_PAGE = 50
UNPAGED = 10


def check_entries(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, most: int) -> None:
    """Raises RequestRefused for a valid operation that asks for more than `most` entries."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    found = _Counter(schema, fragments).count(operation.selection_set, root)
    if found > most:
        message = f"The operation asks for up to {found} entries, more than {most}: take smaller pages of nested lists."
        raise RequestRefused.of("MAX_ENTRIES_EXCEEDED", message)


class _Counter:
    """Fragments are counted once, so the work is that of the document's size."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._counted: dict[str, int] = {}

    def count(self, selections: SelectionSetNode, parent: object) -> int:
        """The entries of the lists below one object."""
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                named = node.type_condition
                total += self.count(node.selection_set, self._schema.type_map[named.name.value] if named else parent)
            else:
                total += self._spread(cast("FragmentSpreadNode", node).name.value)
        return total

    def _spread(self, name: str) -> int:
        if name not in self._counted:
            fragment = self._fragments[name]
            on = self._schema.type_map[fragment.type_condition.name.value]
            self._counted[name] = self.count(fragment.selection_set, on)
        return self._counted[name]

    def _field(self, node: FieldNode, parent: object) -> int:
        if node.selection_set is None or node.name.value.startswith("__"):
            return 0
        field = cast("GraphQLObjectType | GraphQLInterfaceType", parent).fields[node.name.value]
        below = self.count(node.selection_set, get_named_type(field.type))
        size = _size(node, field)
        return below if size is None else size * (1 + below)


def _size(node: FieldNode, field: GraphQLField) -> int | None:
    """How many entries the field's list holds; None where it is no list. A connection counts once, at its top."""
    pages = [name for name in PAGE_ARGUMENTS if name in field.args]
    if pages:
        for argument in node.arguments or ():
            if argument.name.value in pages:
                if isinstance(argument.value, IntValueNode):
                    return max(0, int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    return LARGEST_PAGE
        return USUAL_PAGE
    inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    return UNPAGED if is_list_type(inner) and node.name.value not in ("nodes", "edges") else None
