"""`@interfaceObject` stands on entities."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        if owner.has("interfaceObject") and not owner.has("key"):
            message = f'@interfaceObject needs an entity, but type "{owner.name}" has no @key here. Add the key.'
            subgraph.error("INTERFACE_OBJECT_USAGE_ERROR", message, owner.node)
