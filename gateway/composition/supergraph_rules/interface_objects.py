"""A subgraph with an `@interfaceObject` does not know the implementations that it stands for."""

from __future__ import annotations

from gateway.composition.merge.state import Merge
from gateway.language.schema import Kind


def check(merge: Merge) -> None:
    for interface in merge.schema.of_kind(Kind.INTERFACE):
        implementations = [entry.name for entry in merge.schema.implementations(interface.name)]
        for source in merge.types(interface.name):
            if not source.element.has("interfaceObject"):
                continue
            found = [name for name in implementations if name in source.subgraph.schema.types]
            if found:
                where, shown = source.subgraph.name, " and ".join(f'"{name}"' for name in found)
                merge.report.error(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    f'[{where}] "{interface.name}" is an @interfaceObject in subgraph "{where}", which must not define '
                    f"its implementations {shown}. Remove them.",
                    [source.place],
                )
