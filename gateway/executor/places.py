"""Finds the objects of an answer that deferred parts hang on: what a null took away, or was not there, gets no part.

Walks the merged data and the answer made of them side by side, only where a part can be. Invariant: an object stands
once for each part, at the path under which the client has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.executor.errors import ClientPath
from gateway.executor.projection import conditions_hold
from gateway.planner.nodes import ProjectedField, Projection, Spot

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """An object that a part fills: where the client has it, the merged data of it, what the part shows of them."""

    path: ClientPath
    source: JsonObject
    projection: Projection


PlacesOfParts = dict[str, dict[ClientPath, Place]]


@dataclass(frozen=True, slots=True)
class _Trail:
    """What of a projection leads to spots; a step without a trail only keeps its response key from later ones."""

    typename: str | None
    spots: tuple[Spot, ...]
    steps: tuple[tuple[ProjectedField, _Trail | None], ...]


Trails = dict[int, _Trail | None]


class PlaceFinder:
    """Finds places under the variables of one run; `trails` are kept with the plan if it runs often."""

    def __init__(self, coerced: Mapping[str, Any], trails: Trails) -> None:
        self._coerced = coerced
        self._trails = trails

    def find(self, place: Place, shown: JsonObject | None, found: PlacesOfParts) -> None:
        """Adds the places in and below an object of which the client has been shown this much."""
        trail = self._trail(place.projection)
        if trail is not None and shown is not None:
            self._object(trail, place.source, shown, place.path, found)

    def _trail(self, projection: Projection) -> _Trail | None:
        identity = id(projection)
        if identity not in self._trails:
            below = {id(field): self._trail(field.children) for field in projection.fields if field.children}
            leading = {field.response_key for field in projection.fields if below.get(id(field)) is not None}
            steps = tuple((field, below.get(id(field))) for field in projection.fields if field.response_key in leading)
            trail = _Trail(projection.typename, projection.spots, steps)
            self._trails[identity] = trail if projection.spots or steps else None
        return self._trails[identity]

    def _object(
        self, trail: _Trail, source: JsonObject, shown: JsonObject, path: ClientPath, found: PlacesOfParts
    ) -> None:
        typename = trail.typename or source.get("__typename")
        for spot in trail.spots:
            if self._applies(spot, typename):
                found.setdefault(spot.part, {}).setdefault(path, Place(path, source, spot.projection))
        taken: set[str] = set()
        for field, below in trail.steps:
            if field.response_key in taken or not self._applies(field, typename):
                continue
            taken.add(field.response_key)
            if below is not None:
                value = source.get(field.source)
                for item, answer, place in _objects(value, shown[field.response_key], (*path, field.response_key)):
                    self._object(below, item, answer, place, found)

    def _applies(self, item: Spot | ProjectedField, typename: str | None) -> bool:
        if item.types is not None and typename not in item.types:
            return False
        return conditions_hold(item.conditions, self._coerced)


def _objects(value: Any, shown: Any, path: ClientPath) -> Iterator[tuple[JsonObject, JsonObject, ClientPath]]:
    """The objects of a value that are in the answer, with their paths."""
    if isinstance(shown, dict):
        yield value, shown, path
    elif isinstance(shown, list):
        for index, (item, answer) in enumerate(zip(value, shown, strict=True)):
            yield from _objects(item, answer, (*path, index))


def is_shown(answer: Any, path: Sequence[str | int]) -> bool:
    """Whether a place is in an answer, or below a null of it."""
    for step in path:
        if answer is None:
            return True
        if isinstance(answer, dict):
            if step not in answer:
                return False
            answer = answer[step]
        elif isinstance(answer, list):
            if not isinstance(step, int) or step >= len(answer):
                return False
            answer = answer[step]
        else:
            return True
    return True


def shows(projection: Projection, path: Sequence[str | int]) -> bool:
    """Whether a projection has a field at a place, parts aside."""
    levels = [projection]
    for step in path:
        if isinstance(step, str):
            fields = [field for level in levels for field in level.fields if field.response_key == step]
            if not fields:
                return False
            levels = [field.children for field in fields if field.children is not None]
    return True
