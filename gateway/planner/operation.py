"""Owns the operation that all stages work on: its kind, its normalised selections and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.graph.conditions import Condition
from gateway.graph.selection import SelectionSet
from gateway.planner.nodes import OperationKind, Path


@dataclass(frozen=True, slots=True)
class DeferredSelections:
    """A fragment that the client lets come later: where it hangs in the response and what it selects on which type.

    `parent`: the part inside which it hangs, empty for the initial answer.
    """

    id: str
    label: str | None
    path: Path
    type_name: str
    selections: SelectionSet
    parent: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A normalised operation.

    `selections` are what the first answer holds; a part hangs in it (or in another part) as a field of the name
    `parts.SPOT`. `wanted` are all selections together, the first field of each part marked with it. `variables`:
    printed definitions by name. `calls`: of a mutation the response keys in the order of execution, each with the
    condition under which it is executed there.
    """

    kind: OperationKind
    name: str | None
    root_type: str
    selections: SelectionSet
    wanted: SelectionSet
    variables: Mapping[str, str] = field(default_factory=dict)
    deferred: tuple[DeferredSelections, ...] = ()
    calls: tuple[tuple[str, Condition], ...] = ()
