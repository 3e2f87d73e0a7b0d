"""`@external` stands on object fields that something in the subgraph uses."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for field in owner.fields.values():
            at = f"{owner.name}.{field.name}"
            if owner.kind is Kind.INTERFACE and field.has("external"):
                message = f'Interface field "{at}" is marked @external: mark the fields of the implementations instead.'
                subgraph.error("EXTERNAL_ON_INTERFACE", message, field.node)
            if not facts.is_external(owner, field):
                continue
            if not facts.is_used(owner.name, field.name):
                subgraph.error(
                    "EXTERNAL_UNUSED",
                    f'Field "{at}" is marked @external but no @key, @provides, @requires or interface uses it. Remove '
                    "the field, or the directive if this subgraph resolves it.",
                    field.node,
                )
