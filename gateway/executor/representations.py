"""Collects the representations of one `_entities` call: walks the entry's paths, builds and deduplicates.

Invariant: `targets[i]` holds every object, each once, that the reply's element i must be merged into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.planner.nodes import (
    EntityEntry,
    InputField,
    InputSelection,
    Items,
    Key,
    OnTypes,
    Path,
    Representation,
)

Json = Any
JsonObject = dict[str, Any]


class Collected:
    """Representations in order of first appearance and, for each, the objects it stands for."""

    __slots__ = ("representations", "targets")

    def __init__(self) -> None:
        self.representations: list[JsonObject] = []
        self.targets: list[list[JsonObject]] = []


def collect(entry: EntityEntry, data: Json) -> Collected:
    """All representations of the entry in the data merged so far."""
    collected = Collected()
    index_of: dict[bytes, int] = {}
    seen: set[int] = set()
    for path in entry.paths:
        for target in objects_at(data, path):
            if id(target) in seen:
                continue
            representation = represent(entry.representations, target)
            if representation is None:
                continue
            seen.add(id(target))
            identity = orjson.dumps(representation)
            index = index_of.get(identity)
            if index is None:
                index = index_of[identity] = len(collected.representations)
                collected.representations.append(representation)
                collected.targets.append([])
            collected.targets[index].append(target)
    return collected


def objects_at(data: Json, path: Path) -> Iterator[JsonObject]:
    """The objects that the path leads to; nulls and objects of other types fall out."""
    if not path:
        if isinstance(data, dict):
            yield data
        return
    step, rest = path[0], path[1:]
    match step:
        case Key(name):
            if isinstance(data, dict):
                yield from objects_at(data.get(name), rest)
        case Items():
            if isinstance(data, list):
                for item in data:
                    yield from objects_at(item, rest)
        case OnTypes(names):
            if isinstance(data, dict) and data.get("__typename") in names:
                yield from objects_at(data, rest)


def represent(shapes: tuple[Representation, ...], target: JsonObject) -> JsonObject | None:
    """The object's representation by the first shape that fits, or None where none fits or a field is missing."""
    typename = target.get("__typename")
    for shape in shapes:
        own = typename
        if shape.types is not None:
            if own is None and len(shape.types) == 1:
                (own,) = shape.types
            if own not in shape.types:
                continue
        if own is None and shape.typename is None:
            continue
        representation: JsonObject = {"__typename": shape.typename or own}
        if _fill(representation, shape.selections, target):
            return representation
    return None


def _fill(out: JsonObject, selections: tuple[InputSelection, ...], source: JsonObject) -> bool:
    """Copies what the selections name; False when the object lacks something."""
    for selection in selections:
        if isinstance(selection, InputField):
            if not _fill_field(out, selection, source):
                return False
        elif source.get("__typename") in selection.types and not _fill(out, selection.selections, source):
            return False
    return True


class _Incomplete(Exception):
    """A nested object lacks a field of the representation."""


def _fill_field(out: JsonObject, field: InputField, source: JsonObject) -> bool:
    value = source.get(field.source, _Incomplete)
    if value is _Incomplete or (value is None and not field.nullable):
        return False
    try:
        out[field.name] = _select(value, field.selections) if field.selections else value
    except _Incomplete:
        return False
    return True


def _select(value: Json, selections: tuple[InputSelection, ...]) -> Json:
    if isinstance(value, list):
        return [_select(item, selections) for item in value]
    if not isinstance(value, dict):
        return value
    out: JsonObject = {}
    if not _fill(out, selections, value):
        raise _Incomplete
    return out
