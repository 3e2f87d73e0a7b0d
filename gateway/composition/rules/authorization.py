"""Authorization stands on objects, their fields and leaf types; interfaces get theirs from implementations."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Element, Kind

SPECS = ("authenticated", "requiresScopes", "policy")


def check(subgraph: Subgraph, facts: Facts) -> None:
    for what, element in _unsuitable(subgraph):
        for application in element.directives:
            if application.spec in SPECS:
                message = (
                    f"Invalid use of @{application.name} on {what}: apply it to the implementations, interfaces take "
                    "their requirements from them."
                )
                subgraph.error("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", message, application.node)


def _unsuitable(subgraph: Subgraph) -> Iterator[tuple[str, Element]]:
    for interface in subgraph.schema.of_kind(Kind.INTERFACE):
        yield f'interface "{interface.name}"', interface
        for field in interface.fields.values():
            yield f'field "{interface.name}.{field.name}"', field
    for owner in subgraph.schema.of_kind(Kind.OBJECT):
        if owner.has("interfaceObject"):
            yield f'interface object "{owner.name}"', owner
