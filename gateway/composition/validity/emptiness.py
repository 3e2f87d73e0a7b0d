"""Types have something in them. Query may be empty: every subgraph adds `_service` to it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.validity.problem import Problem
from gateway.language.schema import Kind, Schema


def check(schema: Schema) -> Iterator[Problem]:
    for owner in schema.types.values():
        empty, what = {
            Kind.SCALAR: (False, ""),
            Kind.OBJECT: (not owner.fields, "fields"),
            Kind.INTERFACE: (not owner.fields, "fields"),
            Kind.UNION: (not owner.members and owner.name != "_Entity", "member types"),
            Kind.ENUM: (not owner.values, "values"),
            Kind.INPUT: (not owner.inputs, "fields"),
        }[owner.kind]
        if empty and owner.name != schema.roots.get("query"):
            yield Problem(f"Type {owner.name} must define one or more {what}.", owner.node)
