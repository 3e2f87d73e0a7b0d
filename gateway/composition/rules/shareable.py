"""`@shareable` stands once on each declaration of an object or its fields."""

from __future__ import annotations

from collections import Counter

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind

_CODE = "INVALID_SHAREABLE_USAGE"


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        declarations = Counter(id(entry.declaration) for entry in owner.applied("shareable"))
        if any(count > 1 for count in declarations.values()):
            message = f'@shareable is applied twice to one declaration of "{owner.name}". Apply it once.'
            subgraph.error(_CODE, message, owner.node)
        for field in owner.fields.values():
            at = f"{owner.name}.{field.name}"
            applications = field.applied("shareable")
            if applications and owner.kind is Kind.INTERFACE:
                message = f'Invalid use of @shareable on "{at}": only fields of object types can be shareable.'
                subgraph.error(_CODE, message, field.node)
            elif len(applications) > 1:
                subgraph.error(_CODE, f'@shareable is applied twice to field "{at}". Apply it once.', field.node)
