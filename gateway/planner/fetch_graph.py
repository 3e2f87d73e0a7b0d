"""Owns the way from solved sites to the fetch graph: steps with what they select, need and wait for.

Invariant: a step waits for steps made before it; only for the values of contextual arguments, which are bound when all
steps are there, it may wait for a later one.
"""

from __future__ import annotations

from graphql import GraphQLNamedType, get_named_type, is_abstract_type, is_non_null_type

from gateway.graph.conditions import ALWAYS, Condition, both, either
from gateway.graph.nodes import Node
from gateway.graph.selection import Field, SelectionSet, fields_on
from gateway.planner.budget import Budget
from gateway.planner.context_reads import Reading, bind
from gateway.planner.errors import PlanningFailed
from gateway.planner.field_types import field_type
from gateway.planner.nodes import InputField, InputFragment, InputSelection, Path, Representation
from gateway.planner.output import Output
from gateway.planner.parts import INITIAL
from gateway.planner.places import Place, Producers
from gateway.planner.scope import Scope
from gateway.planner.site import BASE, Gate, Need, Pick, Site
from gateway.planner.steps import FetchGraph, Step
from gateway.supergraph.model import Supergraph


class GraphBuilder:
    """Turns sites into steps."""

    def __init__(self, supergraph: Supergraph, budget: Budget) -> None:
        self._supergraph = supergraph
        self._budget = budget
        self._steps: dict[int, Step] = {}
        self._producers = Producers()
        self._readings: list[Reading] = []
        self._below: dict[tuple[Scope, str], list[tuple[Condition, range]]] = {}
        self._next = 0
        self.root = Scope()

    def finish(self) -> FetchGraph:
        """The graph of everything built so far.

        Raises:
            NoPath: the value of a contextual argument cannot be had in time.
        """
        self._tell_apart()
        bind(self._readings, self._steps, self._producers, self._supergraph)
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
                    self._fill(gate.site, last, last.output, Place(gate.site.node, self.root))
                else:
                    before = {number for number, step in self._steps.items() if not step.part}
                    last = self._root_step(gate, after=before)

    def _root_step(self, gate: Gate, after: set[int]) -> Step:
        step = self._new_step(gate, [()], self.root, after, INITIAL)
        self._fill(gate.site, step, step.output, Place(gate.site.node, self.root))
        return step

    def _new_step(self, gate: Gate, paths: list[Path], scope: Scope, after: set[int], around: str) -> Step:
        self._budget.spend()
        target = gate.edge.target
        output = Output(target.type_name)
        step = Step(self._next, target.subgraph, paths, scope, output, gate.condition, after=after)
        step.part = gate.part or around
        self._steps[self._next] = step
        self._next += 1
        return step

    # -- filling --------------------------------------------------------------------------------------------

    def _fill(self, site: Site, step: Step, output: Output, place: Place) -> None:
        """Adds what the step resolves at a site, then the steps of the site's gates."""
        if site.typename:
            output.typename = True
            place.scope.typename_known = True
        for pick in site.base:
            self._add_pick(pick, step, output, place)
        for type_name, variant in site.variants:
            inner = place.narrowed(variant.node, frozenset({type_name}))
            self._fill(variant, step, output.on(type_name), inner)
        entered = {BASE: step.number}
        for index, gate in enumerate(site.gates):
            entered[index] = self._add_gate(site, gate, entered, place)

    def _add_pick(self, pick: Pick, step: Step, output: Output, place: Place) -> None:
        target, scope, types = pick.edge.target, place.scope, place.types
        claimed = types
        if types is not None and place.node.is_interface_object:  # other types may come to share the call
            claimed = self._supergraph.possible[place.node.type_name]
        asker = (step.subgraph, step.part)
        source = scope.claim(pick.field, claimed, asker, pick.edge.type, composite=target is not None)
        self._producers.note(scope, source, types, step.number, step.part)
        self._readings += [Reading(step, argument, place) for argument in pick.edge.contexts]
        inner = output.add(pick.field, source, target.type_name if target is not None else None, pick.edge.contexts)
        if pick.site is None or inner is None:
            return
        child = place.child(pick.site.node, source, pick.edge.type)
        declared = self._declared(place.node.type_name, pick.field.name)
        if not pick.site.node.is_interface_object and is_abstract_type(declared):
            inner.typename = child.scope.typename_known = True
        start = self._next
        self._fill(pick.site, step, inner, child)
        if start < self._next:
            self._below.setdefault((scope, source), []).append((pick.field.condition, range(start, self._next)))

    def _tell_apart(self) -> None:
        """Where a value is asked for in two places under different conditions, what is fetched below it for one of them
        must not be fetched because it came by the other; what can never be asked for need not be fetched at all.
        """
        for asked in self._below.values():
            alone = len({condition for condition, _ in asked}) == 1
            for condition, numbers in asked:
                for step in (self._steps[number] for number in numbers if condition != ALWAYS):
                    joined = both(step.condition, condition)
                    step.condition = step.condition if alone and joined else joined

    def _add_gate(self, site: Site, gate: Gate, entered: dict[int, int], place: Place) -> int:
        around = self._steps[entered[BASE]].part
        step = self._new_step(gate, [place.guarded], place.scope, {entered[BASE]}, around)
        if gate.edge.key is not None:
            step.after |= {entered[need.slot] for need in gate.needs}
            step.representations += self._representations(gate, site.node, place, step)
        inner_types = None if gate.edge.target.is_abstract else place.types
        self._fill(gate.site, step, step.output, place.narrowed(gate.site.node, inner_types))
        return step.number

    # -- representations ------------------------------------------------------------------------------------

    def _representations(self, gate: Gate, node: Node, place: Place, step: Step) -> list[Representation]:
        """One for all objects; of an interface object's types, those that have what is needed under other keys need one
        of their own.
        """
        names: list[str | None] = [node.type_name]
        if node.is_interface_object:
            names = [*sorted(place.types or self._supergraph.possible[node.type_name])] or [None]
        grouped: dict[tuple[InputSelection, ...], set[str]] = {}
        for name in names:
            inputs = tuple(self._input(need, place.scope, node, step, name) for need in gate.needs)
            grouped.setdefault(inputs, set()).update([name] if name is not None else [])
        if len(grouped) == 1:
            return [Representation(place.types, gate.edge.typename, inputs) for inputs in grouped]
        return [Representation(frozenset(types), gate.edge.typename, inputs) for inputs, types in grouped.items()]

    def _input(self, need: Need, scope: Scope, node: Node, step: Step, type_name: str | None) -> InputField:
        source = scope.source(need.response_key, need.field.identity, type_name, step.part) or need.field.name
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
                else scope.source(needed.response_key, needed.identity, type_name, step.part)
            )
            if source is None:
                continue
            producer = self._producers.find(scope, source, type_name, step.part)
            if producer is not None:
                step.after.add(producer)
            inputs.append(self._input_field(needed, source, scope, type_name, step, required))
        return tuple(inputs)

    def _declared(self, parent: str, name: str) -> GraphQLNamedType:
        declared = field_type(self._supergraph.full_schema, parent, name)
        if declared is None:
            raise PlanningFailed("QUERY_PLAN_UNKNOWN_FIELD", f"The supergraph has no field {parent}.{name}.")
        return get_named_type(declared)
