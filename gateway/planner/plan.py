"""Owns the planner as a whole: `plan` reads as the list of its stages.

Pure: the same supergraph, document, name and labels give the same plan. A `Planner` keeps the query graphs of a
supergraph between operations, one for each set of active override labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graphql import DocumentNode

from gateway.graph.nodes import Graph
from gateway.graph.selection import Field, SelectionSet, fields_on
from gateway.planner.agree_on_members import agree_on_members
from gateway.planner.assemble import assemble
from gateway.planner.budget import DEFAULT_BUDGET, Budget
from gateway.planner.errors import NoPath
from gateway.planner.fetch_graph import GraphBuilder
from gateway.planner.nodes import OperationKind, QueryPlan
from gateway.planner.normalise import normalise
from gateway.planner.operation import Operation
from gateway.planner.optimise import optimise
from gateway.planner.project import project
from gateway.planner.site import Site
from gateway.planner.steps import FetchGraph
from gateway.planner.walk import Walker
from gateway.planner.whole_reply import keeps_reply_whole
from gateway.supergraph.model import Supergraph


@dataclass(frozen=True, slots=True)
class Stages:
    """Everything that planning one operation produces on its way, for dumps and tests."""

    operation: Operation
    sites: tuple[Site, ...]
    fetch_graph: FetchGraph
    plan: QueryPlan


class Planner:
    """Plans operations on one supergraph."""

    def __init__(self, supergraph: Supergraph, budget: int = DEFAULT_BUDGET) -> None:
        self.supergraph = supergraph
        self._budget = budget
        self._graphs: dict[frozenset[str], Graph] = {}

    def plan(
        self,
        document: DocumentNode,
        operation_name: str | None = None,
        active_labels: Collection[str] = (),
        deferring: Collection[str] | None = None,
    ) -> QueryPlan:
        """The plan of one operation of a valid document. `deferring`: the variables that are true, for the conditions
        of `@defer`; None if everything is to be answered at once.

        Raises:
            PlanningFailed: with a code; nothing else escapes for a document that is valid against the API schema.
        """
        return self.stages(document, operation_name, active_labels, deferring).plan

    def stages(
        self,
        document: DocumentNode,
        operation_name: str | None = None,
        active_labels: Collection[str] = (),
        deferring: Collection[str] | None = None,
    ) -> Stages:
        """Plans, and keeps what each stage made. Raises as `plan` does."""
        budget = Budget(self._budget)
        operation = normalise(self.supergraph, document, operation_name, deferring)
        walker = Walker(self.graph(active_labels), budget)
        sites = _walk(walker, operation)
        builder = GraphBuilder(self.supergraph, budget)
        builder.build_serially(sites) if operation.kind is OperationKind.MUTATION else builder.build(sites[0])
        fetch_graph = optimise(builder.finish(), self.supergraph)
        root = assemble(fetch_graph, operation, self.supergraph)
        projection = project(self.supergraph, operation, fetch_graph.root)
        whole = not operation.deferred and keeps_reply_whole(fetch_graph, projection, self.supergraph)
        return Stages(operation, tuple(sites), fetch_graph, QueryPlan(operation.kind, root, projection, whole))

    def graph(self, active_labels: Collection[str] = ()) -> Graph:
        """The query graph under these override labels; labels that the supergraph does not know change nothing."""
        labels = self.supergraph.labels & frozenset(active_labels)
        if labels not in self._graphs:
            self._graphs[labels] = Graph(self.supergraph, labels)
        return self._graphs[labels]


def plan(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None = None,
    active_labels: Collection[str] = (),
) -> QueryPlan:
    """Plans one operation; who plans several on one supergraph keeps a `Planner`. Raises as `Planner.plan` does."""
    return Planner(supergraph).plan(document, operation_name, active_labels)


def _walk(walker: Walker, operation: Operation) -> list[Site]:
    """Solves the root selections: together, or one by one where their order counts."""
    start = walker.graph.start(operation.root_type)
    selections = agree_on_members(walker.graph, operation.wanted, operation.root_type)
    fields = fields_on(selections, operation.root_type, walker.possible)
    wanted = [field for field in fields if field.name not in ("__schema", "__type", "__typename")]
    parts = [SelectionSet(wanted)]
    if operation.kind is OperationKind.MUTATION:
        parts = [SelectionSet([field]) for field in _in_order(wanted, operation)]
    solutions = [walker.solve(start, part) for part in parts]
    for solved in solutions:
        if solved.missing:
            raise NoPath(solved.missing.text)
    return [solved.site for solved in solutions]


def _in_order(wanted: Sequence[Field], operation: Operation) -> list[Field]:
    """A mutation's fields in the order of execution: one that conditions place differently stands at each place, under
    the condition that it is executed there.
    """
    by_key = {field.response_key: field for field in wanted}
    if len(by_key) < len(wanted):  # a part of the answer begins with one of them
        return list(wanted)
    places = [(by_key[key], condition) for key, condition in operation.calls if key in by_key]
    keys = Counter(field.response_key for field, _ in places)
    return [field.having(condition=condition) if keys[field.response_key] > 1 else field for field, condition in places]
