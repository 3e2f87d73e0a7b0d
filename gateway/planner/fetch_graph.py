"""Owns the fetch graph: one step for each call to a subgraph, with what it selects, needs and waits for.

Built from solved sites. Invariant: a step's dependencies are steps made before it, so the numbers of steps are a
topological order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import GraphQLNamedType, get_named_type, is_abstract_type, is_non_null_type

from gateway.graph.conditions import ALWAYS, Condition, either
from gateway.graph.nodes import Node
from gateway.graph.selection import Field, SelectionSet, fields_on
from gateway.planner.budget import Budget
from gateway.planner.errors import PlanningFailed
from gateway.planner.field_types import field_type
from gateway.planner.nodes import InputField, InputFragment, InputSelection, OnTypes, Path, Representation
from gateway.planner.output import Output
from gateway.planner.scope import Scope, Types, below
from gateway.planner.site import BASE, Gate, Need, Pick, Site
from gateway.supergraph.model import Supergraph


@dataclass(slots=True, eq=False)
class Step:
    """One call. Without `representations` it enters a root type. `scope`: the place its data are merged into. `wave`
    is set when the graph is optimised.
    """

    number: int
    subgraph: str
    paths: list[Path]
    scope: Scope
    output: Output
    condition: Condition = ALWAYS
    representations: list[Representation] = field(default_factory=list)
    after: set[int] = field(default_factory=set)
    wave: int = 0


@dataclass(slots=True, eq=False)
class FetchGraph:
    """All steps of an operation by number, and the places of its response."""

    root: Scope
    steps: dict[int, Step]


class GraphBuilder:
    """Turns sites into steps."""

    def __init__(self, supergraph: Supergraph, budget: Budget) -> None:
        self._supergraph = supergraph
        self._budget = budget
        self._steps: dict[int, Step] = {}
        self._producers: dict[tuple[Scope, str], list[tuple[Types, int]]] = {}
        self._next = 0
        self.root = Scope()

    def finish(self) -> FetchGraph:
        """The graph of everything built so far."""
        return FetchGraph(self.root, self._steps)

    def build(self, site: Site) -> None:
        """Adds the steps of an operation's start."""
        for gate in site.gates:
            self._root_step(gate, after=set())

    def build_serially(self, sites: list[Site]) -> None:
        """Adds the steps of a mutation: each root field waits for all that stands before it, neighbours in one
        subgraph share a call.
        """
        last: Step | None = None
        for site in sites:
            for gate in site.gates:
                if last is not None and last.subgraph == gate.edge.target.subgraph:
                    last.condition = either(last.condition, gate.condition)
                    self._fill(gate.site, last, last.output, self.root, (), None)
                else:
                    last = self._root_step(gate, after=set(self._steps))

    def _root_step(self, gate: Gate, after: set[int]) -> Step:
        step = self._new_step(gate, [()], self.root, after)
        self._fill(gate.site, step, step.output, self.root, (), None)
        return step

    def _new_step(self, gate: Gate, paths: list[Path], scope: Scope, after: set[int]) -> Step:
        self._budget.spend()
        target = gate.edge.target
        output = Output(target.type_name)
        step = Step(self._next, target.subgraph, paths, scope, output, gate.condition, after=after)
        self._steps[self._next] = step
        self._next += 1
        return step

    # -- filling --------------------------------------------------------------------------------------------

    def _fill(self, site: Site, step: Step, output: Output, scope: Scope, path: Path, types: Types) -> None:
        """Adds what the step resolves at a site, then the steps of the site's gates."""
        if site.typename:
            output.typename = True
            scope.typename_known = True
        for pick in site.base:
            self._add_pick(site.node.type_name, pick, step, output, scope, path, types)
        for type_name, variant in site.variants:
            self._fill(variant, step, output.on(type_name), scope, path, frozenset({type_name}))
        entered = {BASE: step.number}
        for index, gate in enumerate(site.gates):
            entered[index] = self._add_gate(site, gate, entered, scope, path, types)

    def _add_pick(
        self, parent: str, pick: Pick, step: Step, output: Output, scope: Scope, path: Path, types: Types
    ) -> None:
        target = pick.edge.target
        source = scope.claim(pick.field, types, step.subgraph, pick.edge.type, composite=target is not None)
        self._producers.setdefault((scope, source), []).append((types, step.number))
        inner = output.add(pick.field, source, target.type_name if target is not None else None)
        if pick.site is None or inner is None:
            return
        child = scope.child(source)
        if not pick.site.node.is_interface_object and is_abstract_type(self._declared(parent, pick.field.name)):
            inner.typename = child.typename_known = True
        self._fill(pick.site, step, inner, child, below(_guarded(path, types), source, pick.edge.type), None)

    def _add_gate(self, site: Site, gate: Gate, entered: dict[int, int], scope: Scope, path: Path, types: Types) -> int:
        step = self._new_step(gate, [_guarded(path, types)], scope, {entered[BASE]})
        if gate.edge.key is not None:
            step.after |= {entered[need.slot] for need in gate.needs}
            selections = tuple(self._input(need, scope, site.node, step) for need in gate.needs)
            step.representations.append(Representation(types, gate.edge.typename, selections))
        inner_types = None if gate.edge.target.is_abstract else types
        self._fill(gate.site, step, step.output, scope, path, inner_types)
        return step.number

    # -- representations ------------------------------------------------------------------------------------

    def _input(self, need: Need, scope: Scope, node: Node, step: Step) -> InputField:
        type_name = None if node.is_interface_object else node.type_name
        source = scope.source(need.response_key, need.field.identity, type_name) or need.field.name
        return self._input_field(need.field, source, scope, node.type_name, step, need.required)

    def _input_field(
        self, needed: Field, source: str, scope: Scope, parent: str, step: Step, required: bool
    ) -> InputField:
        declared = field_type(self._supergraph.full_schema, parent, needed.name)
        selections: tuple[InputSelection, ...] = ()
        if needed.selections is not None:
            named = self._declared(parent, needed.name)
            selections = self._inputs(needed.selections, scope.child(source), named.name, step, required)
        return InputField(needed.name, source, selections, required and not is_non_null_type(declared))

    def _inputs(
        self, selections: SelectionSet, scope: Scope, type_name: str, step: Step, required: bool
    ) -> tuple[InputSelection, ...]:
        """Inputs below a field: the same for every concrete type, or a fragment for each group of types."""
        by_inputs: dict[tuple[InputSelection, ...], list[str]] = {}
        possible = self._supergraph.possible.get(type_name, frozenset())
        for concrete in sorted(possible):
            inputs = self._inputs_on(concrete, selections, scope, step, required)
            by_inputs.setdefault(inputs, []).append(concrete)
        typename = (InputField("__typename", "__typename"),) if len(possible) > 1 else ()
        if len(by_inputs) == 1:
            return (*typename, *next(iter(by_inputs)))
        fragments = [InputFragment(frozenset(types), inputs) for inputs, types in by_inputs.items() if inputs]
        return (*typename, *fragments)

    def _inputs_on(
        self, type_name: str, selections: SelectionSet, scope: Scope, step: Step, required: bool
    ) -> tuple[InputSelection, ...]:
        inputs: list[InputSelection] = []
        for needed in fields_on(selections, type_name, self._supergraph.possible):
            source = (
                "__typename"
                if needed.name == "__typename"
                else scope.source(needed.response_key, needed.identity, type_name)
            )
            if source is None:
                continue
            producer = self._producer(scope, source, type_name)
            if producer is not None:
                step.after.add(producer)
            inputs.append(self._input_field(needed, source, scope, type_name, step, required))
        return tuple(inputs)

    def _producer(self, scope: Scope, source: str, type_name: str) -> int | None:
        for types, number in self._producers.get((scope, source), ()):
            if types is None or type_name in types:
                return number
        return None

    def _declared(self, parent: str, name: str) -> GraphQLNamedType:
        declared = field_type(self._supergraph.full_schema, parent, name)
        if declared is None:
            raise PlanningFailed("QUERY_PLAN_UNKNOWN_FIELD", f"The supergraph has no field {parent}.{name}.")
        return get_named_type(declared)


def _guarded(path: Path, types: Types) -> Path:
    return path if types is None else (*path, OnTypes(types))
