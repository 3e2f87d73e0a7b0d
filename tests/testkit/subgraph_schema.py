"""Owns the executable schema of a subgraph in tests: its SDL with extensions folded in, `_entities` and `_service`."""

from __future__ import annotations

from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationType,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    parse,
)

_DEFINITION_OF: dict[Any, Any] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}
_LISTS = ("fields", "types", "values", "interfaces", "directives")


def build_subgraph_schema(sdl: str) -> GraphQLSchema:
    """A schema that validates and executes what gateways send."""
    definitions = _folded(parse(sdl, no_location=True))
    keyed = [
        name
        for name, node in definitions.items()
        if isinstance(node, ObjectTypeDefinitionNode)
        and any(item.name.value.split("__")[-1] == "key" for item in node.directives or ())
    ]
    machinery = "scalar _Any scalar federation__FieldSet scalar FieldSet type _Service { sdl: String }"
    roots = "_service: _Service!"
    if keyed:
        machinery += f" union _Entity = {' | '.join(keyed)}"
        roots += " _entities(representations: [_Any!]!): [_Entity]!"
    query = definitions.get("Query")
    added = parse(f"type Query {{ {roots} }} {machinery}", no_location=True).definitions
    own = added[0]
    merged = own if query is None else _joined(query, own)
    others = [node for name, node in definitions.items() if name != "Query"]
    named = [item for item in added[1:] if getattr(item, "name").value not in definitions]  # noqa: B009
    document = DocumentNode(definitions=(merged, *others, *named))
    return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)


def _folded(document: DocumentNode) -> dict[str, Any]:
    """Definitions by name with their extensions joined; schema and directive definitions fall away.

    A root type under a name of its own gets the default one, as every composer does.
    """
    renamed = _root_names(document)
    result: dict[str, Any] = {}
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode | DirectiveDefinitionNode):
            continue
        kind = _DEFINITION_OF.get(type(node))
        definition: Any = node
        if kind is not None:
            names = [slot for slot in ("name", *_LISTS) if hasattr(node, slot)]
            definition = kind(**{slot: getattr(node, slot) for slot in names})
        name = definition.name.value
        if name in renamed:
            raise NotImplementedError("a subgraph of the tests renames its root types")
        result[name] = _joined(result[name], definition) if name in result else definition
    return result


def _root_names(document: DocumentNode) -> set[str]:
    found: set[str] = set()
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for item in node.operation_types or ():
                assert isinstance(item.type, NamedTypeNode)
                if item.type.name.value != {kind: kind.value.title() for kind in OperationType}[item.operation]:
                    found.add(item.type.name.value)
    return found


def _joined(left: Any, right: Any) -> Any:
    slots = {
        slot: (*(getattr(left, slot) or ()), *(getattr(right, slot) or ())) for slot in _LISTS if hasattr(left, slot)
    }
    return type(left)(name=left.name, **slots)
