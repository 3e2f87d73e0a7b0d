"""Implementations have every field that any subgraph's declaration of the interface has."""

from __future__ import annotations

from gateway.composition.merge.state import Merge, names, places
from gateway.language.schema import Kind, Type


def check(merge: Merge) -> None:
    for interface in merge.schema.of_kind(Kind.INTERFACE):
        for owner in merge.schema.implementations(interface.name):
            for name in interface.fields:
                if name not in owner.fields:
                    _report(merge, interface, owner, name)


def _report(merge: Merge, interface: Type, owner: Type, name: str) -> None:
    declaring = [source for source in merge.types(interface.name) if name in source.element.fields]
    implementing = [source for source in merge.types(owner.name) if interface.name in source.element.interfaces]
    merge.report.error(
        "INTERFACE_FIELD_NO_IMPLEM",
        f'Interface field "{interface.name}.{name}" is declared in {names(declaring)} but type "{owner.name}", which '
        f'implements "{interface.name}" in {names(implementing)}, does not have field "{name}". Add it.',
        places(declaring) + places(implementing),
    )
