"""Owns the schema that clients see: the supergraph without gateway machinery and without inaccessible elements, and
with `@defer`, which the gateway answers itself.

Invariant: an element hidden by `@inaccessible` (and whatever lives only below it) is in the full schema and in no
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLSchema,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
)

from gateway.language import defer
from gateway.supergraph.features import Features

KEPT_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})


def full_document(document: DocumentNode, features: Features) -> DocumentNode:
    """The supergraph's types for clients and requirements alike: machinery gone, everything else kept."""
    hidden = frozenset({features.directive("inaccessible")})
    definitions = [
        _without_directives(definition, KEPT_DIRECTIVES | hidden)
        for definition in document.definitions
        if not _is_machinery(definition, features)
    ]
    return DocumentNode(definitions=tuple(definitions))


def api_document(full: DocumentNode, features: Features) -> DocumentNode:
    """The full document without inaccessible elements, and with the directives that the gateway answers itself."""
    marker = features.directive("inaccessible")
    hidden_types = {
        definition.name.value
        for definition in full.definitions
        if isinstance(definition, TypeDefinitionNode) and _is_hidden(definition, marker)
    }
    definitions = [
        _accessible_part(definition, hidden_types, marker)
        for definition in full.definitions
        if getattr(getattr(definition, "name", None), "value", None) not in hidden_types and not _is_own(definition)
    ]
    own = parse(defer.DEFINITION, no_location=True).definitions
    return DocumentNode(definitions=(*own, *definitions))


def build(document: DocumentNode) -> GraphQLSchema:
    """An executable schema; the composer has validated it, so that is not done again."""
    return build_ast_schema(_bare(document), assume_valid=True, assume_valid_sdl=True)


def _is_own(definition: DefinitionNode) -> bool:
    return isinstance(definition, DirectiveDefinitionNode) and definition.name.value == defer.NAME


def _bare(document: DocumentNode) -> DocumentNode:
    return DocumentNode(
        definitions=tuple(_without_directives(definition, KEPT_DIRECTIVES) for definition in document.definitions)
    )


def _is_machinery(definition: DefinitionNode, features: Features) -> bool:
    if isinstance(definition, SchemaExtensionNode):
        return True
    if isinstance(definition, TypeDefinitionNode):
        return features.is_machinery(definition.name.value)
    if isinstance(definition, DirectiveDefinitionNode):
        executable = any(location.value in _EXECUTABLE_LOCATIONS for location in definition.locations)
        return features.is_machinery(definition.name.value) or not executable
    return False


_EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)  # fmt: skip


def _without_directives(node: Any, kept: frozenset[str]) -> Any:
    """The node, and the nodes inside it, with only the kept directives."""
    changes: dict[str, Any] = {}
    directives = getattr(node, "directives", None)
    if directives:
        changes["directives"] = tuple(item for item in directives if item.name.value in kept)
    for attribute in ("fields", "arguments", "values"):
        children: Sequence[Any] | None = getattr(node, attribute, None)
        if children and not isinstance(node, DirectiveDefinitionNode):
            changes[attribute] = tuple(_without_directives(child, kept) for child in children)
    return replace(node, **changes) if changes else node


def _is_hidden(node: Any, marker: str) -> bool:
    return any(directive.name.value == marker for directive in getattr(node, "directives", None) or ())


def _accessible_part(node: Any, hidden_types: set[str], marker: str) -> Any:
    """A definition without its hidden members."""
    if isinstance(node, SchemaDefinitionNode):
        kept = tuple(item for item in node.operation_types if item.type.name.value not in hidden_types)
        return replace(node, operation_types=kept)
    changes: dict[str, Any] = {}
    for attribute in ("fields", "arguments", "values"):
        children = getattr(node, attribute, None)
        if children:
            changes[attribute] = tuple(
                _accessible_part(child, hidden_types, marker) for child in children if not _is_hidden(child, marker)
            )
    if getattr(node, "interfaces", None):
        changes["interfaces"] = tuple(_visible(node.interfaces, hidden_types))
    if isinstance(node, UnionTypeDefinitionNode):
        changes["types"] = tuple(_visible(node.types or (), hidden_types))
    return replace(node, **changes) if changes else node


def _visible(named: Iterable[Any], hidden_types: set[str]) -> Iterable[Any]:
    return (item for item in named if item.name.value not in hidden_types)
