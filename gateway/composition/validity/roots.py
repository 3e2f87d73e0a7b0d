"""Root operation types exist and are objects."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import Kind, Schema


def check(schema: Schema) -> Iterator[Problem]:
    for operation, name in schema.roots.items():
        root = schema.types.get(name)
        if root is None:
            yield Problem(f"Cannot set schema {operation} root to unknown type {name}", schema.node)
        elif root.kind is not Kind.OBJECT:
            yield Problem(f"{operation} root type must be an Object type, {name} is a {root.kind.value}.", root.node)
