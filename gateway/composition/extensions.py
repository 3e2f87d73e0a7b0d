"""Extensions need something to extend: a type that only extensions declare has no base."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.composition.merge.types import kind_of
from gateway.composition.report import Report
from gateway.composition.subgraph import Subgraph
from gateway.language.schema import Kind, Type

_WITH_FIELDS = (Kind.OBJECT, Kind.INTERFACE)


def check(subgraphs: Sequence[Subgraph], report: Report, *, fed1: bool) -> None:
    """Looks at the federation 1 subgraphs, which is done before their upgrade, or at the others."""
    declared: dict[str, list[tuple[Subgraph, Type]]] = {}
    for subgraph in subgraphs:
        for owner in subgraph.schema.types.values():
            if not subgraph.schema.is_root(owner.name) and owner.name not in subgraph.machinery:
                declared.setdefault(owner.name, []).append((subgraph, owner))
    for name, entries in declared.items():
        for subgraph, owner in entries:
            if (
                _is_early(subgraph, owner) is not fed1
                or _is_base(subgraph, owner)
                or any(other is not owner and other.base and _fits(owner, other, fed1) for _, other in entries)
            ):
                continue
            report.error(
                "EXTENSION_WITH_NO_BASE",
                f'[{subgraph.name}] Type "{name}" is an extension type, but no subgraph defines "{name}". Define it in '
                "one subgraph.",
                [(subgraph.name, owner.node)],
            )


def _is_early(subgraph: Subgraph, owner: Type) -> bool:
    """What the upgrade of federation 1 subgraphs needs to know."""
    return subgraph.fed1 and owner.kind in _WITH_FIELDS


def _fits(owner: Type, base: Type, fed1: bool) -> bool:
    if fed1:
        return base.kind in _WITH_FIELDS
    return base.kind is owner.kind or kind_of(base) is kind_of(owner)


def _is_base(subgraph: Subgraph, owner: Type) -> bool:
    return owner.base and not (subgraph.fed1 and owner.has("extends"))
