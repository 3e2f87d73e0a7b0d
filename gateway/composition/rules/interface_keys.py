"""`@key` on an interface: every implementation in the subgraph has the same key, as resolvable."""

from __future__ import annotations

from gateway.composition.facts import Facts, field_set, is_known
from gateway.composition.subgraph import Subgraph
from gateway.language.literals import text
from gateway.language.schema import Applied, Kind, Type
from gateway.language.selections import FieldSelection, Selection


def check(subgraph: Subgraph, facts: Facts) -> None:
    for interface in subgraph.schema.of_kind(Kind.INTERFACE):
        for key in interface.applied("key") if _keys_are_valid(subgraph, interface) else ():
            for owner in subgraph.schema.implementations(interface.name):
                if owner.kind is Kind.OBJECT and _keys_are_valid(subgraph, owner):
                    _check(subgraph, interface, key, owner)


def _keys_are_valid(subgraph: Subgraph, owner: Type) -> bool:
    return all(is_known(subgraph.schema, owner.name, field_set(key)) for key in owner.applied("key"))


def _check(subgraph: Subgraph, interface: Type, key: Applied, owner: Type) -> None:
    shown = f"@key(fields: {text(key.args.get('fields'))})"
    same = [entry for entry in owner.applied("key") if shape(field_set(entry)) == shape(field_set(key))]
    if not same:
        message = f'Key {shown} on interface type "{interface.name}" is missing on implementation type "{owner.name}".'
        subgraph.error("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", message, owner.node)
    elif _is_resolvable(key) and not any(map(_is_resolvable, same)):
        message = f'Key {shown} on interface type "{interface.name}" must be resolvable on "{owner.name}" too.'
        subgraph.error("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", message, owner.node)


def _is_resolvable(key: Applied) -> bool:
    return key.args.get("resolvable") is not False


def shape(selections: tuple[Selection, ...]) -> frozenset[object]:
    """A selection without its order, for comparison."""
    return frozenset(
        (entry.name if isinstance(entry, FieldSelection) else entry.condition, shape(entry.selections))
        for entry in selections
    )
