"""`@key` selects plain fields that this subgraph declares."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.rules.field_sets import FieldSetUse, checked
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind

INTERFACE_KEYS_SINCE = 3


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for application in owner.applied("key"):
            if owner.kind is Kind.INTERFACE and subgraph.minor < INTERFACE_KEYS_SINCE:
                message = f'Cannot use @key on interface "{owner.name}" before federation v2.3.'
                subgraph.error("KEY_UNSUPPORTED_ON_INTERFACE", message, application.node)
            checked(FieldSetUse(subgraph, facts, application, f'On type "{owner.name}"', owner))
