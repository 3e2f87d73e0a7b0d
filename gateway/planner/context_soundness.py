"""Owns the part of the static check that is about contextual arguments: each is filled, from the nearest object above
that sets its context, with the value that it selects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from graphql import FieldNode, VariableNode, print_ast

from gateway.graph.selection import SelectionSet, fields_on, parse_field_set
from gateway.planner.nodes import (
    ContextSource,
    ContextVariable,
    EntityEntry,
    InputField,
    InputSelection,
    Key,
    OnTypes,
    Path,
)
from gateway.supergraph.model import ContextArgument, SubgraphField, Supergraph

Types = frozenset[str]


class Value(Protocol):
    """What is known of a value."""

    identity: tuple[str, str]

    @property
    def shape(self) -> Shape | None: ...


class Shape(Protocol):
    """What is known of the objects at a place."""

    types: Types

    def value(self, type_name: str, source: str) -> Value | None: ...


Places = Callable[[Path], Iterator[tuple[Shape, Types]]]


class ContextCheck:
    """Checks the contextual arguments of one entry's call. `places` leads to what is known at a path by then."""

    def __init__(self, supergraph: Supergraph, entry: EntityEntry, places: Places) -> None:
        self._supergraph = supergraph
        self._entry = entry
        self._places = places
        self._variables: Mapping[str, ContextVariable] = {item.name: item for item in entry.contexts}

    def arguments(self, node: FieldNode) -> str:
        """A field's arguments as `print_arguments` prints them, without those from above."""
        own = [item for item in node.arguments or () if self._variable(item.value) is None]
        printed = sorted(f"{item.name.value}: {print_ast(item.value)}" for item in own)
        return f"({', '.join(printed)})" if printed else ""

    def findings(self, node: FieldNode, declared: SubgraphField) -> Iterator[str]:
        """What is wrong with the arguments from above of a selected field."""
        given = {item.name.value: self._variable(item.value) for item in node.arguments or ()}
        for argument in declared.context_arguments:
            variable = given.get(argument.name)
            if variable is None:
                yield f"{declared.name} is asked for without {argument.name} from {argument.context}"
                continue
            if argument.type.endswith("!") != variable.required:
                yield f"${variable.name} is not of the type {argument.type}"
            for path, source in zip(self._entry.paths, variable.sources, strict=True):
                yield from self._source(argument, path, source)

    def _variable(self, value: object) -> ContextVariable | None:
        return self._variables.get(value.name.value) if isinstance(value, VariableNode) else None

    def _source(self, argument: ContextArgument, path: Path, source: ContextSource) -> Iterator[str]:
        end = source.depth + 1 if isinstance(path[source.depth], OnTypes) else source.depth
        for shape, types in self._places(path[:end]):
            for type_name in sorted(types):
                if not self._sets(type_name, argument.context):
                    yield f"{type_name} above {argument.name} does not set {argument.context}"
                elif not self._holds(shape, type_name, source.selections, parse_field_set(argument.selection)):
                    yield f"{argument.selection} of {type_name} is not fetched for {argument.name}"
        for nearer in _objects_between(path, end):
            for _, types in self._places(nearer):
                if any(self._sets(type_name, argument.context) for type_name in types):
                    yield f"{argument.name} is not taken from the nearest {argument.context}"

    def _sets(self, type_name: str, context: str) -> bool:
        return context in self._supergraph.contexts.get(type_name, frozenset())

    def _holds(
        self, shape: Shape, type_name: str, inputs: tuple[InputSelection, ...], selections: SelectionSet
    ) -> bool:
        """Whether objects of a type have the selected value where the inputs say; a type without selection has none."""
        wanted = fields_on(selections, type_name, self._supergraph.possible)
        read = next(_reads(inputs, type_name), None)
        if not wanted or read is None:
            return not wanted and read is None
        if wanted[0].name == "__typename":
            return read.source == "__typename"
        value = shape.value(type_name, read.source)
        if value is None or value.identity != wanted[0].identity:
            return False
        below = wanted[0].selections
        if below is None or value.shape is None:
            return below is None
        return any(self._holds(value.shape, inner, read.selections, below) for inner in value.shape.types)


def _reads(inputs: tuple[InputSelection, ...], type_name: str) -> Iterator[InputField]:
    for item in inputs:
        if isinstance(item, InputField):
            yield item
        elif type_name in item.types:
            yield from _reads(item.selections, type_name)


def _objects_between(path: Path, start: int) -> Iterator[Path]:
    """Paths of the objects below the start and above the end of a path, with their type conditions."""
    keys = [at for at in range(start, len(path)) if isinstance(path[at], Key)]
    for at in keys[1:]:
        yield path[:at]
