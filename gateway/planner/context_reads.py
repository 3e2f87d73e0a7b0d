"""Owns the binding of contextual arguments: which object above a step sets the context, under which keys the selected
value stands there, and whom the step therefore waits for.

Runs when all steps are there, since the value may come from a step that was made after the one that reads it.
Invariant: the graph stays free of cycles.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import get_named_type

from gateway.graph.selection import Field, SelectionSet, fields_on, parse_field_set
from gateway.planner.errors import NoPath
from gateway.planner.field_types import field_type
from gateway.planner.nodes import ContextSource, InputField, InputFragment, InputSelection
from gateway.planner.places import Place, Producers
from gateway.planner.scope import Scope
from gateway.planner.steps import Step
from gateway.supergraph.model import ContextArgument, Supergraph


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A step that fetches a field whose argument is filled from a context above the field's place."""

    step: Step
    argument: ContextArgument
    place: Place


def bind(readings: list[Reading], steps: dict[int, Step], producers: Producers, supergraph: Supergraph) -> None:
    """Gives each step the sources of its arguments.

    Raises:
        NoPath: nobody fetches a value, or only after what reads it.
    """
    binder = _Binder(producers, supergraph)
    for reading in readings:
        binder.bind(reading)
    if readings:
        _refuse_cycles(steps)


class _Binder:
    def __init__(self, producers: Producers, supergraph: Supergraph) -> None:
        self._producers = producers
        self._supergraph = supergraph

    def bind(self, reading: Reading) -> None:
        step, argument = reading.step, reading.argument
        place = reading.place.above
        while place is not None and argument.context not in place.node.sets:
            place = place.above
        if place is None:
            raise NoPath(f"an object that sets the context {argument.context}")
        types = place.types or place.node.possible or self._supergraph.possible[place.node.type_name]
        selections = parse_field_set(argument.selection)
        step.contexts[argument] = ContextSource(len(place.path), self._read(selections, types, place.scope, step))

    def _read(
        self, selections: SelectionSet, types: frozenset[str], scope: Scope, step: Step
    ) -> tuple[InputSelection, ...]:
        """Where the value stands: the same for all of the types, or for each group of them."""
        grouped: dict[InputField | None, list[str]] = {}
        wanted: Field | None = None
        for concrete in sorted(types):
            for wanted in fields_on(selections, concrete, self._supergraph.possible):
                grouped.setdefault(self._field(wanted, concrete, scope, step), []).append(concrete)
        held = [found for found in grouped if found is not None]
        if wanted is not None and not held:
            raise NoPath(f"{wanted.name}, which a context hands down")
        if len(grouped) == 1 and len(grouped[held[0]]) == len(types):
            return (held[0],)
        return tuple(InputFragment(frozenset(grouped[found]), (found,)) for found in held)

    def _field(self, wanted: Field, type_name: str, scope: Scope, step: Step) -> InputField | None:
        if wanted.name == "__typename":
            return InputField("__typename", "__typename", nullable=True)
        held = scope.holding(wanted, type_name)
        if not held:
            return None
        made = {source: self._producers.find(scope, source, type_name, step.part) for source in held}
        source = next((source for source in held if made[source] is not None), held[0])
        if (producer := made[source]) is not None:
            step.after.add(producer)
        inner: tuple[InputSelection, ...] = ()
        if wanted.selections is not None:
            declared = get_named_type(field_type(self._supergraph.full_schema, type_name, wanted.name))
            types = self._supergraph.possible[declared.name] if declared is not None else frozenset()
            inner = self._read(wanted.selections, types, scope.child(source), step)
        return InputField(wanted.name, source, inner, nullable=True)


def _refuse_cycles(steps: dict[int, Step]) -> None:
    """Raises where steps wait for each other."""
    settled: set[int] = set()
    left = dict.fromkeys(steps)
    while left:
        ready = [number for number in left if steps[number].after <= settled]
        if not ready:
            raise NoPath("a value that a context hands down before it is needed")
        settled.update(ready)
        for number in ready:
            del left[number]
