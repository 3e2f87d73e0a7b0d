"""Owns the fetch graph's parts: one step for each call to a subgraph, with what it selects, needs and waits for."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.graph.conditions import ALWAYS, Condition
from gateway.planner.nodes import ContextSource, Path, Representation
from gateway.planner.output import Output
from gateway.planner.parts import INITIAL
from gateway.planner.scope import Scope
from gateway.supergraph.model import ContextArgument


@dataclass(slots=True, eq=False)
class Step:
    """One call. Without `representations` it enters a root type. `scope`: the place its data are merged into. `part`:
    the deferred part that it is made for. `wave` is set when the graph is optimised. `contexts`: where the values of
    contextual arguments stand, for all paths alike.
    """

    number: int
    subgraph: str
    paths: list[Path]
    scope: Scope
    output: Output
    condition: Condition = ALWAYS
    representations: list[Representation] = field(default_factory=list)
    contexts: dict[ContextArgument, ContextSource] = field(default_factory=dict)
    after: set[int] = field(default_factory=set)
    part: str = INITIAL
    wave: int = 0


@dataclass(slots=True, eq=False)
class FetchGraph:
    """All steps of an operation by number, and the places of its response."""

    root: Scope
    steps: dict[int, Step]
