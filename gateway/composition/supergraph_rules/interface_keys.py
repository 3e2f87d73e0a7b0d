"""A subgraph that can resolve an interface by its key knows all of its implementations."""

from __future__ import annotations

from gateway.composition.merge.state import Merge, Source
from gateway.language.literals import text
from gateway.language.schema import Kind, Type


def check(merge: Merge) -> None:
    for interface in merge.schema.of_kind(Kind.INTERFACE):
        expected = merge.schema.possible(interface.name)
        for source in merge.types(interface.name):
            if source.element.kind is Kind.INTERFACE:
                _check(merge, interface, source, expected)


def _check(merge: Merge, interface: Type, source: Source[Type], expected: list[str]) -> None:
    resolvable = [key for key in source.element.applied("key") if key.args.get("resolvable") is not False]
    known = set(source.subgraph.schema.possible(interface.name))
    missing = [name for name in expected if name not in known]
    if not resolvable or not missing:
        return
    shown = " and ".join(f'"{name}"' for name in missing)
    where = source.subgraph.name
    merge.report.error(
        "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        f'[{where}] Interface type "{interface.name}" has a resolvable key '
        f'(@key(fields: {text(resolvable[0].args.get("fields"))})) in subgraph "{where}", which lacks some of its '
        f'implementations. Define {shown} there, implementing "{interface.name}".',
        [source.place],
    )
