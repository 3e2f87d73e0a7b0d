"""Owns engines that are wrong on purpose: each lacks one rule, and the differential test must see it.

A planner loses a rule with what its supergraph says of it; an executor with a part of its run put in place of the real
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.executor.contexts import Call
from gateway.executor.errors import ClientPath, ErrorDict
from gateway.executor.faults import FaultMapper
from gateway.executor.ports import SubgraphClient
from gateway.executor.projection import Projector
from gateway.executor.reference import Run
from gateway.executor.representations import Collected, objects_at, represent
from gateway.executor.run import Outcome, Request
from gateway.planner.nodes import EntityEntry, ProjectedField, Projection, QueryPlan
from gateway.planner.plan import Planner
from gateway.supergraph.model import Subgraph, SubgraphField, SubgraphType, Supergraph, TypeKind
from tests.differential.executors import Execute
from tests.differential.graph import Graph

Mutation = Callable[[Graph], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """An engine without a rule: how it is made of a right one, and a word of what the test says of it."""

    mutate: Mutation
    symptom: str


def without_requirements(supergraph: Supergraph) -> Supergraph:
    """Fields with `@requires` are asked for like any other."""
    return _with_fields(supergraph, lambda field: replace(field, requires=None))


def without_provided_views(supergraph: Supergraph) -> Supergraph:
    """External fields count as resolved everywhere, not only where they are provided."""
    return _with_fields(supergraph, lambda field: replace(field, external=False))


def without_override_labels(supergraph: Supergraph) -> Supergraph:
    """A progressive override counts as done on both sides."""
    return _with_fields(supergraph, lambda field: replace(field, label=None))


def without_member_check(supergraph: Supergraph) -> Supergraph:
    """Every subgraph is believed to know every member of its unions and interfaces."""

    def widen(table: SubgraphType) -> SubgraphType:
        if table.kind in (TypeKind.OBJECT, TypeKind.ENUM) or table.interface_object:
            return table
        return replace(table, possible=supergraph.possible[table.name])

    return _with_types(supergraph, widen)


class _CollectsEverything(Run):
    """Sends one representation for each object, equal ones too."""

    def _calls(self, entry: EntityEntry) -> list[Call]:
        return [replace(call, collected=self._everything(call)) for call in super()._calls(entry)]

    def _everything(self, call: Call) -> Collected:
        if call.values or not call.collected.representations:
            return call.collected
        collected = Collected()
        for path in call.entry.paths:
            for target in objects_at(self.data, path):
                representation = represent(call.entry.representations, target)
                if representation is not None:
                    collected.representations.append(representation)
                    collected.targets.append([target])
        return collected


class _FirstTargetOnly(FaultMapper):
    """Reports an entity's error at the first object that stands for it."""

    __slots__ = ()

    def _at_targets(
        self, error: ErrorDict, entry: EntityEntry, targets: Sequence[dict[str, Any]], rest: Sequence[str | int]
    ) -> None:
        super()._at_targets(error, entry, targets[:1], rest)


class _TellsOnce(Run):
    def __init__(self, projection: Projection, request: Request, client: SubgraphClient) -> None:
        super().__init__(projection, request, client)
        self._faults = _FirstTargetOnly(projection, self.data, self.errors)


class _LeavesNulls(Projector):
    """Lets null stand where none may be."""

    __slots__ = ()

    def _complete(self, field: ProjectedField, value: Any, level: int, path: ClientPath) -> Any:
        return None if value is None else super()._complete(field, value, level, path)


class _PropagatesNothing(Run):
    def project(self, projection: Projection, source: dict[str, Any], path: ClientPath) -> dict[str, Any] | None:
        return _LeavesNulls(self._request.coerced, self.errors).project(projection, source, path)


def _planned_by(change: Callable[[Supergraph], Supergraph]) -> Mutation:
    def mutate(graph: Graph) -> None:
        graph.planner = Planner(change(graph.planner.supergraph))

    return mutate


def _run_by(kind: type[Run]) -> Mutation:
    async def execute(plan: QueryPlan, request: Request, client: SubgraphClient) -> Outcome:
        run = kind(plan.projection, request, client)
        await run.node(plan.root)
        return Outcome(run.project(plan.projection, run.data, ()), run.errors.entries)

    def mutate(graph: Graph) -> None:
        only: Mapping[str, Execute] = {kind.__name__: execute}
        graph.executors = only

    return mutate


MUTANTS: Mapping[str, Mutant] = {
    "requirement step": Mutant(_planned_by(without_requirements), "without"),
    "view of @provides": Mutant(_planned_by(without_provided_views), "is not resolved in"),
    "override labels": Mutant(_planned_by(without_override_labels), "is not resolved in"),
    "union member check": Mutant(_planned_by(without_member_check), "can never be of type"),
    "deduplication of representations": Mutant(_run_by(_CollectsEverything), "same representation twice"),
    "fan-out of errors": Mutant(_run_by(_TellsOnce), "no error for"),
    "propagation of nulls": Mutant(_run_by(_PropagatesNothing), "instead of"),
}


def _with_fields(supergraph: Supergraph, change: Callable[[SubgraphField], SubgraphField]) -> Supergraph:
    return _with_types(
        supergraph,
        lambda table: replace(table, fields={name: change(field) for name, field in table.fields.items()}),
    )


def _with_types(supergraph: Supergraph, change: Callable[[SubgraphType], SubgraphType]) -> Supergraph:
    def changed(subgraph: Subgraph) -> Subgraph:
        return replace(subgraph, types={name: change(table) for name, table in subgraph.types.items()})

    return replace(supergraph, subgraphs={name: changed(each) for name, each in supergraph.subgraphs.items()})
