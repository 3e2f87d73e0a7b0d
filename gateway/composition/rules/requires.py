"""`@requires` selects what other subgraphs resolve."""

from __future__ import annotations

from gateway.composition.facts import Facts
from gateway.composition.rules.field_sets import FieldSetUse, check_external, checked
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for field in owner.fields.values():
            for application in field.applied("requires"):
                if owner.kind is Kind.INTERFACE:
                    message = f'Cannot use @requires on field "{field.name}" of interface "{owner.name}".'
                    subgraph.error("REQUIRES_UNSUPPORTED_ON_INTERFACE", message, application.node)
                use = FieldSetUse(subgraph, facts, application, f'On field "{owner.name}.{field.name}"', owner)
                selections = checked(use)
                if selections is not None:
                    check_external(use, selections)
