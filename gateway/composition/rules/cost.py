"""`@cost` does not stand on interface fields."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.INTERFACE):
        for field in owner.fields.values():
            if field.has("cost"):
                message = f'@cost cannot be applied to interface field "{owner.name}.{field.name}": move it to objects.'
                subgraph.error("COST_APPLIED_TO_INTERFACE_FIELD", message, field.node)
