"""Owns the last step to plan nodes: waves of the fetch graph become sequences of parallel fetches.

Steps of one wave that call one subgraph by representations become one fetch with an entry each. Invariant: numbers of
fetches follow their order in the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.graph.conditions import Condition as When
from gateway.planner.nodes import (
    Condition,
    ContextVariable,
    Defer,
    Deferred,
    EntityEntry,
    Fetch,
    OperationKind,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)
from gateway.planner.operation import Operation
from gateway.planner.optimise.merge_paths import merge_paths
from gateway.planner.parts import INITIAL
from gateway.planner.printing import EntitySelection, print_entities, print_entity_fragments, print_entry, print_root
from gateway.planner.steps import FetchGraph, Step
from gateway.supergraph.model import Supergraph


def assemble(graph: FetchGraph, operation: Operation, supergraph: Supergraph) -> PlanNode | None:
    """The plan's tree, None when nothing has to be fetched."""
    assembler = _Assembler(operation, supergraph)
    nodes = assembler.waves(graph, INITIAL)
    if operation.kind is OperationKind.SUBSCRIPTION and nodes and isinstance(nodes[0], Fetch):
        return Subscription(nodes[0], in_sequence(nodes[1:]))
    if not operation.deferred:
        return in_sequence(nodes)
    parts = [
        Deferred(part.id, part.label, part.path, in_sequence(assembler.waves(graph, part.id)), part.parent)
        for part in operation.deferred
    ]
    return Defer(in_sequence(nodes), tuple(parts))


def in_sequence(nodes: Iterable[PlanNode | None]) -> PlanNode | None:
    """The nodes one after the other, without empty or single wrappers."""
    present = [node for node in nodes if node is not None]
    if len(present) < 2:
        return present[0] if present else None
    return Sequence(tuple(present))


def in_parallel(nodes: Iterable[PlanNode]) -> PlanNode | None:
    """The nodes at the same time, without empty or single wrappers."""
    present = list(nodes)
    if len(present) < 2:
        return present[0] if present else None
    return Parallel(tuple(present))


class _Assembler:
    def __init__(self, operation: Operation, supergraph: Supergraph) -> None:
        self._operation = operation
        self._names: Mapping[str, str] = {graph: item.name for graph, item in supergraph.subgraphs.items()}
        self._next = 0

    def waves(self, graph: FetchGraph, part: str) -> list[PlanNode | None]:
        """The steps of one part, wave by wave."""
        waves: dict[int, list[Step]] = {}
        for number in sorted(graph.steps):
            step = graph.steps[number]
            if step.part == part:
                waves.setdefault(step.wave, []).append(step)
        return [in_parallel(self._wave(waves[at])) for at in sorted(waves)]

    def _wave(self, steps: list[Step]) -> list[PlanNode]:
        nodes: list[PlanNode] = []
        by_subgraph: dict[str, list[Step]] = {}
        for step in steps:
            if step.representations:
                by_subgraph.setdefault(step.subgraph, []).append(step)
            else:
                opens_a_stream = self._operation.kind is OperationKind.SUBSCRIPTION and not step.paths[0]
                nodes.append(self._root(step) if opens_a_stream else _conditional(self._root(step), step.condition))
        nodes += [self._entities(calls) for calls in by_subgraph.values()]
        return nodes

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _root(self, step: Step) -> Fetch:
        reentry = step.paths[0]
        kind = OperationKind.QUERY if reentry else self._operation.kind
        printed = print_root(kind, step.output, self._operation.variables)
        return Fetch(
            id=self._number(),
            service=self._names[step.subgraph],
            kind=kind,
            document=printed.document,
            variables=printed.variables,
            operation_name=None,
            path=reentry,
        )

    def _entities(self, steps: list[Step]) -> Fetch:
        calls = _same_calls(steps)
        selections = [self._selection(call[0], at, alone=len(calls) == 1) for at, call in enumerate(calls)]
        printed = print_entities(selections, self._operation.variables)
        entries = [_entry(selection, call) for selection, call in zip(selections, calls, strict=True)]
        if any(entry.contexts for entry in entries):
            texts = [print_entry(selection, self._operation.variables) for selection in selections]
            entries = [replace(entry, text=text) for entry, text in zip(entries, texts, strict=True)]
        return Fetch(
            id=self._number(),
            service=self._names[steps[0].subgraph],
            kind=OperationKind.QUERY,
            document=printed.document,
            variables=printed.variables,
            entries=tuple(entries),
        )

    def _selection(self, step: Step, at: int, *, alone: bool) -> EntitySelection:
        alias = "_entities" if alone and not step.contexts else f"_e{at}"
        contexts = {argument: self._variable(f"_c{at}_{index}") for index, argument in enumerate(step.contexts)}
        return EntitySelection(alias, self._variable(f"_r{at}"), step.output, contexts)

    def _variable(self, name: str) -> str:
        while any(known.startswith(name) for known in self._operation.variables):
            name = f"_{name}"
        return name


def _entry(selection: EntitySelection, steps: list[Step]) -> EntityEntry:
    first = steps[0]
    representations, skip_if = tuple(first.representations), _skip_if(first.condition)
    if not first.contexts:
        paths = merge_paths(path for step in steps for path in step.paths)
        return EntityEntry(selection.alias, selection.variable, paths, representations, skip_if)
    sources = {path: step.contexts for step in steps for path in step.paths}
    variables = tuple(
        ContextVariable(name, argument.type.endswith("!"), tuple(each[argument] for each in sources.values()))
        for argument, name in selection.contexts.items()
    )
    return EntityEntry(selection.alias, selection.variable, tuple(sources), representations, skip_if, variables)


def _same_calls(steps: list[Step]) -> list[list[Step]]:
    """The steps grouped: what asks the same of the same representations is one `_entities` call for all its places."""
    calls: dict[tuple[object, ...], list[Step]] = {}
    for step in steps:
        names = {argument: f"{argument.name}{at}" for at, argument in enumerate(step.contexts)}
        printed = print_entity_fragments(step.output, names)
        slot = (printed, tuple(step.contexts), tuple(step.representations), step.condition)
        calls.setdefault(slot, []).append(step)
    return list(calls.values())


def _skip_if(condition: When) -> tuple[tuple[str, bool], ...]:
    """Literals that every clause has: if one does not hold, no clause does."""
    shared = frozenset.intersection(*condition) if condition else frozenset()
    return tuple((name, not value) for name, value in sorted(shared))


def _conditional(node: PlanNode, condition: When) -> PlanNode:
    for variable, skipping in _skip_if(condition):
        node = Condition(variable, node, None) if not skipping else Condition(variable, None, node)
    return node
