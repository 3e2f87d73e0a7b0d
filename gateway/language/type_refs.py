"""Type references as text (`"[User!]!"`): hashable, printable, cheap to compare.

Invariant: the text is exactly what GraphQL SDL shows, without spaces.
"""

from __future__ import annotations

from typing import cast

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

TypeRef = str


def from_node(node: TypeNode) -> TypeRef:
    if isinstance(node, NonNullTypeNode):
        return from_node(node.type) + "!"
    if isinstance(node, ListTypeNode):
        return f"[{from_node(node.type)}]"
    return cast("NamedTypeNode", node).name.value


def named(ref: TypeRef) -> str:
    """The innermost type's name."""
    return ref.strip("[]!")


def renamed(ref: TypeRef, name: str) -> TypeRef:
    """The same wrapping around another name."""
    return ref.replace(named(ref), name)


def is_non_null(ref: TypeRef) -> bool:
    return ref.endswith("!")


def is_list(ref: TypeRef) -> bool:
    return ref.startswith("[")


def nullable(ref: TypeRef) -> TypeRef:
    return ref.removesuffix("!")


def item(ref: TypeRef) -> TypeRef:
    """What a list reference holds; the reference must be a list, nullable or not."""
    return nullable(ref)[1:-1]
