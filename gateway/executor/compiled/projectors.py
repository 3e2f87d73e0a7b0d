"""Generates the function that projects merged data into the answer, for one setting of the condition variables.

It raises on the first null where none may be and on every value it would have to reject, so that the reference
projector, which finds places and words for that, does the whole response.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.executor.compiled.fallback import StrictFirst
from gateway.executor.compiled.source import Source
from gateway.executor.projection import conditions_hold
from gateway.planner.nodes import ProjectedField, Projection

JsonObject = dict[str, Any]
FastProjector = Callable[[JsonObject], JsonObject]


def condition_variables(projection: Projection) -> tuple[str, ...]:
    """Every variable that decides whether a field appears, sorted."""
    found: set[str] = set()
    _gather_conditions(projection, found)
    return tuple(sorted(found))


def _gather_conditions(projection: Projection, found: set[str]) -> None:
    for field in projection.fields:
        found.update(name for name, _ in field.conditions)
        if field.children is not None:
            _gather_conditions(field.children, found)


def compile_projector(projection: Projection, variables: Mapping[str, Any]) -> FastProjector:
    return StrictFirst(_compile(projection, variables, strict=True), _compile(projection, variables, strict=False))


def _compile(projection: Projection, variables: Mapping[str, Any], *, strict: bool) -> FastProjector:
    source = Source()
    name = _Writer(source, variables, strict).projection(projection, None)
    function: FastProjector = source.functions()[name]
    return function


class _Writer:
    def __init__(self, source: Source, variables: Mapping[str, Any], strict: bool) -> None:
        self._source = source
        self._strict = strict
        self._variables = variables
        self._written: dict[tuple[int, frozenset[str] | None], str] = {}

    def projection(self, projection: Projection, possible: frozenset[str] | None) -> str:
        """Writes the function for an object under this projection; returns the name to call."""
        identity = (id(projection), possible)
        if identity not in self._written:
            self._written[identity] = self._dispatch(projection, possible)
        return self._written[identity]

    def _dispatch(self, projection: Projection, possible: frozenset[str] | None) -> str:
        if projection.typename is not None:
            return self._object(projection, projection.typename)
        if possible is None:
            return self._untyped(projection)
        groups: dict[tuple[int, ...], list[str]] = {}
        for typename in sorted(possible):
            groups.setdefault(self._applying(projection, typename), []).append(typename)
        table = {
            typename: self._object(projection, typenames[0], dynamic=True)
            for typenames in groups.values()
            for typename in typenames
        }
        return self._switch(table)

    def _switch(self, table: dict[str, str]) -> str:
        """A function that picks by the object's type; a type that is not there is a surprise (KeyError)."""
        source = self._source
        functions = sorted(set(table.values()))
        name, choice = source.name("choose"), source.name("table")
        entries = ", ".join(f"{typename!r}: {function}" for typename, function in table.items())
        source.line(f"{choice} = {{{entries}}}")
        if len(functions) == 1:
            with source.block(f"def {name}(o):"):
                with source.block(f"if o['__typename'] not in {choice}:"):
                    source.line("raise Surprise")
                source.line(f"return {functions[0]}(o)")
        else:
            with source.block(f"def {name}(o):"):
                source.line(f"return {choice}[o['__typename']](o)")
        return name

    def _untyped(self, projection: Projection) -> str:
        if any(field.types is not None or field.typename for field in projection.fields):
            name = self._source.name("give_up")
            with self._source.block(f"def {name}(o):"):
                self._source.line("raise Surprise")
            return name
        return self._object(projection, "")

    def _applying(self, projection: Projection, typename: str) -> tuple[int, ...]:
        """Positions of the fields that an object of this type has, first of each response key."""
        taken: set[str] = set()
        positions = []
        for position, field in enumerate(projection.fields):
            applies = field.types is None or typename in field.types
            if applies and field.response_key not in taken and conditions_hold(field.conditions, self._variables):
                taken.add(field.response_key)
                positions.append(position)
        return tuple(positions)

    def _object(self, projection: Projection, typename: str, *, dynamic: bool = False) -> str:
        fields = [projection.fields[position] for position in self._applying(projection, typename)]
        calls = {
            field.response_key: self.projection(field.children, field.possible_types)
            for field in fields
            if field.children is not None
        }
        source = self._source
        name = source.name("object")
        with source.block(f"def {name}(o):"):
            if not self._strict:
                source.line("g = o.get")
            elif not dynamic and all(field.typename for field in fields):
                # Nothing below reads the value, so nothing else would notice that it is no object.
                with source.block("if o.__class__ is not dict:"):
                    source.line("raise Surprise")
            parts = []
            for field in fields:
                value = self._field(field, typename, dynamic, calls.get(field.response_key))
                parts.append(f"{field.response_key!r}: {value}")
            source.line(f"return {{{', '.join(parts)}}}")
        return name

    def _field(self, field: ProjectedField, typename: str, dynamic: bool, call: str | None) -> str:
        """Writes the field's checks; returns the expression of its value."""
        if field.introspection:
            return self._read(field)
        if field.typename:
            return "o['__typename']" if dynamic else repr(typename)
        nullable = field.shape.nullable
        plain = field.shape.lists == 0 and call is None and field.enum_values is None
        if plain and nullable[0]:
            return self._read(field)
        value = self._source.name("x")
        self._source.line(f"{value} = {self._read(field)}")
        return self._complete(field, value, 0, call)

    def _read(self, field: ProjectedField) -> str:
        return f"o[{field.source!r}]" if self._strict else f"g({field.source!r})"

    def _complete(self, field: ProjectedField, value: str, level: int, call: str | None) -> str:
        """Writes statements that check and convert `value`; returns the expression of the result."""
        source = self._source
        if not field.shape.nullable[level]:
            with source.block(f"if {value} is None:"):
                source.line("raise Surprise")
            return self._convert(field, value, level, call)
        if level == field.shape.lists and call is not None:
            return f"None if {value} is None else {call}({value})"
        if not self._needs_work(field, level, call):
            return value
        with source.block(f"if {value} is not None:"):
            source.line(f"{value} = {self._convert(field, value, level, call)}")
        return value

    def _needs_work(self, field: ProjectedField, level: int, call: str | None) -> bool:
        return level < field.shape.lists or call is not None or field.enum_values is not None

    def _convert(self, field: ProjectedField, value: str, level: int, call: str | None) -> str:
        source = self._source
        if level < field.shape.lists:
            return self._list(field, value, level, call)
        if field.enum_values is not None:
            with source.block(f"if {value} not in {source.constant(field.enum_values)}:"):
                source.line("raise Surprise")
            return value
        return f"{call}({value})" if call is not None else value

    def _list(self, field: ProjectedField, value: str, level: int, call: str | None) -> str:
        source = self._source
        with source.block(f"if {value}.__class__ is not list:"):
            source.line("raise Surprise")
        inner_nullable = field.shape.nullable[level + 1]
        if level + 1 == field.shape.lists and field.enum_values is None:
            if call is not None:
                guard = "None if i is None else " if inner_nullable else ""
                return f"[{guard}{call}(i) for i in {value}]"
            if not inner_nullable:
                with source.block(f"if None in {value}:"):
                    source.line("raise Surprise")
            return value
        out, item = source.name("l"), source.name("i")
        source.line(f"{out} = []")
        with source.block(f"for {item} in {value}:"):
            source.line(f"{out}.append({self._complete(field, item, level + 1, call)})")
        return out
