"""From a parsed document to `Schema`: definitions and extensions of one type become one entry.

Invariant: reading never judges; what the document repeats or misuses is reported through `Conflict`s so that the
caller can name the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from gateway.language import literals, type_refs
from gateway.language.schema import (
    BUILT_IN_SCALARS,
    ROOT_NAMES,
    Applied,
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Schema,
    Type,
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something the document says twice or in a place where it cannot stand."""

    message: str
    node: Node
    of_definitions: bool = False  # between whole definitions, not inside one


_KINDS: dict[type[Node], Kind] = {
    ScalarTypeDefinitionNode: Kind.SCALAR,
    ScalarTypeExtensionNode: Kind.SCALAR,
    ObjectTypeDefinitionNode: Kind.OBJECT,
    ObjectTypeExtensionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    InterfaceTypeExtensionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    UnionTypeExtensionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    EnumTypeExtensionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT,
    InputObjectTypeExtensionNode: Kind.INPUT,
}


_FIELD_BASED = (Kind.OBJECT, Kind.INTERFACE)


def read(document: DocumentNode) -> tuple[Schema, list[Conflict]]:
    """The document as a schema, with root types found by their default names where it does not say otherwise."""
    reader = _Reader()
    for definition in document.definitions:
        reader.definition(definition)
    schema = reader.schema
    if not reader.roots_given:
        for operation, name in ROOT_NAMES.items():
            if name in schema.types:
                schema.roots.setdefault(operation, name)
    return schema, reader.conflicts


class _Reader:
    def __init__(self) -> None:
        self.schema = Schema("schema")
        self.conflicts: list[Conflict] = []
        self.roots_given = False

    def definition(self, node: Node) -> None:
        match node:
            case SchemaDefinitionNode() | SchemaExtensionNode():
                self._schema(node)
            case DirectiveDefinitionNode():
                self._directive(node)
            case TypeDefinitionNode() | TypeExtensionNode():
                self._type(node)
            case _:
                message = "Invalid executable definition found while building schema"
                self.conflicts.append(Conflict(message, node, of_definitions=True))

    def _schema(self, node: SchemaDefinitionNode | SchemaExtensionNode) -> None:
        extension = isinstance(node, SchemaExtensionNode)
        self.roots_given |= not extension
        self.schema.node = self.schema.node or node
        if isinstance(node, SchemaDefinitionNode):
            self.schema.description = _description(node.description)
        self.schema.directives += _applied(node.directives, extension=extension)
        for entry in node.operation_types or ():
            self.schema.roots[entry.operation.value] = entry.type.name.value

    def _directive(self, node: DirectiveDefinitionNode) -> None:
        name = node.name.value
        self.schema.definitions[name] = DirectiveDefinition(
            name,
            _description(node.description),
            node=node,
            args={argument.name: argument for argument in map(_input, node.arguments or ())},
            locations=tuple(location.value for location in node.locations),
            repeatable=node.repeatable,
        )

    def _type(self, node: TypeDefinitionNode | TypeExtensionNode) -> None:
        name, kind = node.name.value, _KINDS[type(node)]
        extension = isinstance(node, TypeExtensionNode)
        if name in BUILT_IN_SCALARS:
            return
        owner = self.schema.types.get(name)
        if owner is None:
            owner = Type(name, kind=kind, node=node, base=False)
            self.schema.types[name] = owner
        elif not extension and owner.base:
            self.conflicts.append(Conflict(f'There can be only one type named "{name}"', node, of_definitions=True))
            return
        if owner.kind is not kind and not _suits(node, owner.kind):
            self.conflicts.append(
                Conflict(f'Type "{name}" is declared as {owner.kind.value} and extended as {kind.value}', node)
            )
            return
        if not extension:
            owner.description = _description(cast("TypeDefinitionNode", node).description)
            owner.definition = node
        owner.base |= not extension
        owner.extended |= extension
        owner.directives += _applied(node.directives, extension=extension, declaration=node)
        self._members(owner, node)

    def _members(self, owner: Type, node: Node) -> None:
        for interface in getattr(node, "interfaces", None) or ():
            if interface.name.value in owner.interfaces:
                self._twice(f'Type "{owner.name}" can only implement "{interface.name.value}" once.', interface)
            owner.interfaces[interface.name.value] = interface
        for member in getattr(node, "types", None) or ():
            if member.name.value in owner.members:
                self._twice(f'Union type "{owner.name}" can only include type "{member.name.value}" once.', member)
            owner.members[member.name.value] = member
        for value in getattr(node, "values", None) or ():
            owner.values[value.name.value] = EnumValue(
                value.name.value, _description(value.description), _applied(value.directives), value
            )
        for entry in getattr(node, "fields", None) or ():
            self._field(owner, entry, node)

    def _field(self, owner: Type, node: FieldDefinitionNode | InputValueDefinitionNode, declaration: Node) -> None:
        name = node.name.value
        if name in owner.fields or name in owner.inputs:
            self._twice(f"Field {name} already exists on {owner.name}", node)
            return
        if owner.kind is Kind.INPUT:
            owner.inputs[name] = _input(node)
            return
        owner.fields[name] = Field(
            name,
            _description(node.description),
            _applied(node.directives),
            node,
            type=type_refs.from_node(node.type),
            args={argument.name: argument for argument in map(_input, getattr(node, "arguments", None) or ())},
            declaration=declaration,
        )

    def _twice(self, message: str, node: Node) -> None:
        self.conflicts.append(Conflict(message, node))


def _suits(node: Node, kind: Kind) -> bool:
    """Whether a further declaration that names another kind says nothing that a type of this kind cannot have."""
    allowed = {"fields"} if kind is Kind.INPUT else {"fields", "interfaces"} if kind in _FIELD_BASED else set()
    return not any(getattr(node, part, None) for part in {"fields", "interfaces", "types", "values"} - allowed)


def _input(node: FieldDefinitionNode | InputValueDefinitionNode) -> InputValue:
    default = getattr(node, "default_value", None)
    return InputValue(
        node.name.value,
        _description(node.description),
        _applied(node.directives),
        node,
        type=type_refs.from_node(node.type),
        default=None if default is None else literals.from_node(default),
        has_default=default is not None,
    )


def _applied(
    nodes: Iterable[ConstDirectiveNode] | None, *, extension: bool = False, declaration: Node | None = None
) -> list[Applied]:
    return [
        Applied(
            node.name.value,
            {argument.name.value: literals.from_node(argument.value) for argument in node.arguments or ()},
            extension=extension,
            node=node,
            declaration=declaration,
        )
        for node in nodes or ()
    ]


def _description(node: StringValueNode | None) -> str | None:
    return node.value if node else None
