"""`@override` stands on fields of object types."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.INTERFACE):
        for field in owner.fields.values():
            if field.has("override"):
                message = (
                    f'@override cannot be used on interface field "{owner.name}.{field.name}": move it to objects.'
                )
                subgraph.error("OVERRIDE_ON_INTERFACE", message, field.node)
