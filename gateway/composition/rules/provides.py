"""`@provides` selects external fields below a field of composite type."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.composition.facts import Facts
from gateway.composition.rules.field_sets import FieldSetUse, check_external, checked
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Applied, Field, Kind, Type
from gateway.language.type_refs import named


def check(subgraph: Subgraph, facts: Facts) -> None:
    for owner, field, application in _applications(subgraph):
        at = f"{owner.name}.{field.name}"
        if owner.kind is Kind.INTERFACE:
            message = f'Cannot use @provides on field "{field.name}" of interface "{owner.name}".'
            subgraph.error("PROVIDES_UNSUPPORTED_ON_INTERFACE", message, application.node)
        target = subgraph.schema.types[named(field.type)]
        use = FieldSetUse(subgraph, facts, application, f'On field "{at}"', target)
        selections = checked(use)
        if selections is not None:
            check_external(use, selections)


def misplaced(subgraph: Subgraph, facts: Facts) -> bool:
    """Whether a @provides stands where it has no meaning; then nothing can be said of what is external or used."""
    for owner, field, application in _applications(subgraph):
        at = f"{owner.name}.{field.name}"
        target = subgraph.schema.types.get(named(field.type))
        if facts.is_marked_external(owner, field):
            message = f'Cannot have both @provides and @external on field "{at}". Remove one of the two.'
            subgraph.error("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", message, application.node)
            return True
        if target is None or not target.is_composite:
            message = f'Invalid @provides on field "{at}": its type "{field.type}" has no fields to provide.'
            subgraph.error("PROVIDES_ON_NON_OBJECT_FIELD", message, application.node)
            return True
    return False


def _applications(subgraph: Subgraph) -> Iterator[tuple[Type, Field, Applied]]:
    for owner in subgraph.schema.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for field in owner.fields.values():
            for application in field.applied("provides"):
                yield owner, field, application
