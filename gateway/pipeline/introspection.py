"""Answers `__schema` and `__type` from the API schema; no subgraph is asked about itself.

Only those root fields are executed here, on a document cut down to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    VisitorAction,
    execute_sync,
    visit,
)

from gateway.language import defer

_NAMES = frozenset({"__schema", "__type"})


class Introspection:
    """The introspection part of one operation; answers without variables are remembered."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._document = document
        self._constant: dict[str, Any] | None = None

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Values by response key. The introspection schema has no resolver that could fail."""
        if self._constant is not None and not variables:
            return self._constant
        data = execute_sync(self._schema, self._document, variable_values=dict(variables)).data or {}
        if not variables:
            self._constant = data
        return data


def introspection_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Introspection | None:
    """The operation's introspection, or None where it asks for none."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    kept = _only_introspection(operation.selection_set, fragments)
    if not kept.selections:
        return None
    cut = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=(),
        selection_set=kept,
    )
    whole = DocumentNode(definitions=(cut, *fragments.values()))
    return Introspection(schema, visit(whole, _AtOnce()))


class _AtOnce(Visitor):
    """Takes every `@defer` out: what is known already need not come later."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value == defer.NAME else None


def asks_for_schema(document: DocumentNode) -> bool:
    """Whether any selection of the document is an introspection root field."""
    pending: list[SelectionSetNode] = [
        d.selection_set for d in document.definitions if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode) and node.name.value in _NAMES:
                return True
            selections = getattr(node, "selection_set", None)
            if selections is not None:
                pending.append(selections)
    return False


def _only_introspection(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> SelectionSetNode:
    """The selections without other root fields; spreads become inline fragments so that fragments stay as they are."""
    kept: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.name.value in _NAMES:
                kept.append(node)
        elif isinstance(node, InlineFragmentNode):
            _keep(kept, node, node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            _keep(kept, node, fragments[node.name.value].selection_set, fragments)
    return SelectionSetNode(selections=tuple(kept))


def _keep(
    kept: list[SelectionNode],
    node: InlineFragmentNode | FragmentSpreadNode,
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> None:
    inner = _only_introspection(selections, fragments)
    if inner.selections:
        kept.append(InlineFragmentNode(type_condition=None, directives=node.directives, selection_set=inner))
