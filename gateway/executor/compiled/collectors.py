"""Generates the function that collects one entry's representations: nested loops instead of a walk.

The function returns `Collected` with the same representations in the same order as the reference; an object
reached twice may stand twice among the targets, which merging does not notice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from gateway.executor.compiled.fallback import StrictFirst
from gateway.executor.compiled.source import Source
from gateway.executor.representations import Collected, collect, represent
from gateway.planner.nodes import EntityEntry, InputField, Items, Key, Path, Representation

Collector = Callable[[Any], Collected]


def compile_collector(entry: EntityEntry) -> Collector:
    """A collector that falls back to the reference where the data are not of the plan's shape."""
    try:
        fast = StrictFirst(_compile(entry, strict=True), _compile(entry, strict=False))
    except SyntaxError:  # more loops within loops than Python compiles
        return partial(collect, entry)

    def collector(data: Any) -> Collected:
        try:
            return fast(data)
        except (AttributeError, TypeError, KeyError):
            return collect(entry, data)

    return collector


def _compile(entry: EntityEntry, *, strict: bool) -> Collector:
    source = Source()
    _Writer(source, entry.representations, strict).write(entry.paths)
    function: Collector = source.functions()["collector"]
    return function


class _Writer:
    def __init__(self, source: Source, shapes: tuple[Representation, ...], strict: bool) -> None:
        self._source = source
        self._shapes = shapes
        self._strict = strict

    def write(self, paths: tuple[Path, ...]) -> None:
        """Writes the function `collector`."""
        source = self._source
        with source.block("def collector(data):"):
            source.line(f"out = {source.constant(Collected)}()")
            source.line("add = out.representations.append")
            source.line("targets = out.targets")
            source.line("index = {}")
            for path in paths:
                self._path(path, "data")
            source.line("return out")

    def _path(self, path: Path, value: str) -> None:
        if not path:
            self._target(value)
            return
        source = self._source
        step, rest = path[0], path[1:]
        child = source.name("v")
        if isinstance(step, Key):
            read = f"{value}[{step.name!r}]" if self._strict else f"{value}.get({step.name!r})"
            source.line(f"{child} = {read}")
            with source.block(f"if {child} is not None:"):
                self._path(rest, child)
        elif isinstance(step, Items):
            with source.block(f"for {child} in {value}:"), source.block(f"if {child} is not None:"):
                self._path(rest, child)
        else:
            with source.block(f"if {value}.get('__typename') in {source.constant(step.names)}:"):
                self._path(rest, value)

    def _target(self, target: str) -> None:
        source, shapes = self._source, self._shapes
        if not _is_flat(shapes):
            _write_general(source, shapes, target)
            return
        only = shapes[0]
        if only.types is None and only.typename is not None:
            _write_flat(source, only, target, constant=True)
            return
        source.line(f"t = {target}.get('__typename')")
        word = "if"
        for shape in shapes:
            with source.block(f"{word} {_type_test(source, shape)}:"):
                _write_flat(source, shape, target)
            word = "elif"


def _is_flat(shapes: tuple[Representation, ...]) -> bool:
    """Whether each type has one shape, made of plain fields."""
    types = [name for shape in shapes for name in shape.types or ()]
    open_to_untyped = sum(shape.types is None or len(shape.types) == 1 for shape in shapes)
    return (
        len(types) == len(set(types))
        and (len(shapes) == 1 or (open_to_untyped <= 1 and all(shape.types for shape in shapes)))
        and all(
            isinstance(field, InputField) and not field.selections and field.name != "__typename"
            for shape in shapes
            for field in shape.selections
        )
    )


def _type_test(source: Source, shape: Representation) -> str:
    if shape.types is None:
        return "True" if shape.typename is not None else "t is not None"
    if len(shape.types) == 1:
        (only,) = shape.types
        return f"t is None or t == {only!r}"
    return f"t in {source.constant(shape.types)}"


def _write_flat(source: Source, shape: Representation, target: str, *, constant: bool = False) -> None:
    """`constant`: every representation of the entry has the same typename, so the key needs none."""
    fields = [field for field in shape.selections if isinstance(field, InputField)]
    names = [f"f{position}" for position in range(len(fields))]
    required = []
    for name, field in zip(names, fields, strict=True):
        source.line(
            f"{name} = {target}[{field.source!r}] if {field.source!r} in {target} else Surprise"
            if field.nullable
            else f"{name} = {target}.get({field.source!r})"
        )
        required.append(f"{name} is not {'Surprise' if field.nullable else 'None'}")
    (only,) = shape.types if shape.types is not None and len(shape.types) == 1 else ("",)
    typename = repr(shape.typename or only) if shape.typename or only else "t"
    entries = ", ".join(f"{field.name!r}: {name}" for name, field in zip(names, fields, strict=True))
    with source.block(f"if {' and '.join(required) or 'True'}:"):
        if len(names) == 1 and constant:
            source.line("k = f0 if f0.__class__ is str else (f0.__class__, f0)")
        else:
            kinds = ", ".join(f"{name}.__class__, {name}" for name in names)
            source.line(f"k = ({typename}, {kinds})")
        source.line("i = index.get(k)")
        with source.block("if i is None:"):
            source.line("index[k] = len(targets)")
            source.line(f"add({{'__typename': {typename}, {entries}}})")
            source.line(f"targets.append([{target}])")
        with source.block("else:"):
            source.line(f"targets[i].append({target})")


def _write_general(source: Source, shapes: tuple[Representation, ...], target: str) -> None:
    build, encode = source.constant(represent), source.constant(orjson.dumps)
    source.line(f"r = {build}({source.constant(shapes)}, {target})")
    with source.block("if r is not None:"):
        source.line(f"k = {encode}(r)")
        source.line("i = index.get(k)")
        with source.block("if i is None:"):
            source.line("index[k] = len(targets)")
            source.line("add(r)")
            source.line(f"targets.append([{target}])")
        with source.block("else:"):
            source.line(f"targets[i].append({target})")
