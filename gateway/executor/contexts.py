"""Asks for entities whose fields take values from objects above them (`@fromContext`).

Such values are variables of an `_entities` call, so objects are grouped by them: one call for each group, all in one
request. Invariant: an object stands in at most one group; one that lacks a required value in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from gateway.executor.representations import Collected, represent
from gateway.planner.nodes import (
    ENDING,
    ContextVariable,
    EntityEntry,
    Fetch,
    InputField,
    InputSelection,
    Items,
    Key,
    Path,
)

Json = Any
JsonObject = dict[str, Any]
Trail = tuple[Json, ...]  # the value at the start of a path and the one after each of its segments


@dataclass(frozen=True, slots=True)
class Call:
    """One `_entities` call of a request. `at`: its number among those of its entry; `entry` has the call's names."""

    entry: EntityEntry
    collected: Collected
    at: int = 0
    values: Mapping[str, Json] = field(default_factory=dict)

    def variables(self) -> dict[str, Json]:
        """All variables of the call."""
        return {self.entry.variable: self.collected.representations, **self.values}


def contextual_calls(entry: EntityEntry, data: Json) -> list[Call]:
    """The calls of an entry with contexts: one for each combination of values."""
    groups: dict[bytes, _Group] = {}
    seen: set[int] = set()
    for at, path in enumerate(entry.paths):
        for trail in _trails(data, path, (data,)):
            target = trail[-1]
            values = _values(entry.contexts, at, trail)
            if id(target) in seen or values is None:
                continue
            representation = represent(entry.representations, target)
            if representation is not None:
                seen.add(id(target))
                groups.setdefault(orjson.dumps(values), _Group(values)).add(representation, target)
    return [_call(entry, at, group) for at, group in enumerate(groups.values())]


def request_text(fetch: Fetch, calls: Sequence[Call]) -> str:
    """The document that makes the calls: the fetch's own where each entry is asked once."""
    if [call.at for call in calls] == [0] * len(fetch.entries):
        return fetch.document
    texts = [(call.entry.text, _ending(call.at)) for call in calls if call.entry.text is not None]
    own = [text.own.replace(ENDING, ending) for text, ending in texts]
    client = dict.fromkeys(definition for text, _ in texts for definition in text.client)
    printed = " ".join(text.call.replace(ENDING, ending) for text, ending in texts)
    return f"query({','.join([*own, *client])}){{{printed}}}"


class _Group:
    """Objects with the same values from above; equal representations stand for several of them."""

    __slots__ = ("collected", "index", "values")

    def __init__(self, values: JsonObject) -> None:
        self.values = values
        self.collected = Collected()
        self.index: dict[bytes, int] = {}

    def add(self, representation: JsonObject, target: JsonObject) -> None:
        identity = orjson.dumps(representation)
        if identity not in self.index:
            self.index[identity] = len(self.collected.representations)
            self.collected.representations.append(representation)
            self.collected.targets.append([])
        self.collected.targets[self.index[identity]].append(target)


def _call(entry: EntityEntry, at: int, group: _Group) -> Call:
    ending = _ending(at)
    if at:
        entry = replace(entry, alias=entry.alias + ending, variable=entry.variable + ending)
    return Call(entry, group.collected, at, {name + ending: value for name, value in group.values.items()})


def _ending(at: int) -> str:
    return f"_{at}" if at else ""


def _trails(value: Json, path: Path, trail: Trail) -> Iterator[Trail]:
    """The ways to the objects that a path leads to."""
    if not path:
        if isinstance(value, dict):
            yield trail
        return
    step, rest = path[0], path[1:]
    if isinstance(step, Items):
        for item in value if isinstance(value, list) else ():
            yield from _trails(item, rest, (*trail, item))
    elif isinstance(value, dict):
        if isinstance(step, Key):
            inner = value.get(step.name)
            yield from _trails(inner, rest, (*trail, inner))
        elif value.get("__typename") in step.names:
            yield from _trails(value, rest, (*trail, value))


def _values(contexts: Sequence[ContextVariable], at: int, trail: Trail) -> JsonObject | None:
    """The values from above for the object at the trail's end, None if a required one is not there."""
    values: JsonObject = {}
    for variable in contexts:
        source = variable.sources[at]
        value = _leaf(source.selections, trail[source.depth])
        if value is None and variable.required:
            return None
        values[variable.name] = value
    return values


def _leaf(selections: Sequence[InputSelection], value: Json) -> Json:
    """What the selections name in a value; None where there is nothing, a list for each list on the way."""
    if isinstance(value, list):
        return [_leaf(selections, item) for item in value]
    if not isinstance(value, dict):
        return None
    for selection in selections:
        if not isinstance(selection, InputField):
            if value.get("__typename") in selection.types:
                return _leaf(selection.selections, value)
        elif selection.selections:
            return _leaf(selection.selections, value.get(selection.source))
        else:
            return value.get(selection.source)
    return None
