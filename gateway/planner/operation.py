"""Owns the operation that all stages work on: its kind, its normalised selections and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.graph.selection import SelectionSet
from gateway.planner.nodes import OperationKind


@dataclass(frozen=True, slots=True)
class DeferredSelections:
    """A fragment that the client lets come later: where it hangs in the response and what it selects."""

    id: str
    label: str | None
    path: tuple[str, ...]
    type_name: str
    selections: SelectionSet
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A normalised operation. `variables`: printed definitions by name."""

    kind: OperationKind
    name: str | None
    root_type: str
    selections: SelectionSet
    variables: Mapping[str, str] = field(default_factory=dict)
    deferred: tuple[DeferredSelections, ...] = ()
