"""Places a subgraph's errors on the client's paths.

An error at element i of an `_entities` call reaches every client path that shares representation i.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.executor.errors import ClientPath, ErrorDict, ErrorLog, subgraph_error
from gateway.executor.projection import client_path
from gateway.planner.nodes import EntityEntry, Items, Key, Path, Projection

JsonObject = dict[str, Any]
Targets = list[list[JsonObject]]


class FaultMapper:
    """Maps the errors of one response; finds places only when there is an error to place."""

    __slots__ = ("_data", "_errors", "_projection")

    def __init__(self, projection: Projection, data: JsonObject, errors: ErrorLog) -> None:
        self._projection = projection
        self._data = data
        self._errors = errors

    def root(self, service: str, raw_errors: Sequence[Any], below: Path = ()) -> None:
        """Errors of a root fetch, whose data were merged into every object at `below`."""
        for raw in raw_errors:
            error, place = subgraph_error(service, raw), _place(raw)
            starts = [start for _, start in _positions(self._data, below, ())] if below else [()]
            for start in starts:
                path = client_path(self._projection, (*start, *place))
                self._errors.add({**error, "path": list(path)} if path else error)

    def root_failed(self, error: ErrorDict, below: Path) -> None:
        """The one error of a root fetch that brought nothing."""
        prefix = client_path(self._projection, _static_prefix(below))
        self._errors.add({**error, "path": list(prefix)} if prefix else error)

    def entities(self, service: str, calls: Sequence[tuple[EntityEntry, Targets]], raw_errors: Sequence[Any]) -> None:
        """Errors of an `_entities` request, each copied to all places it speaks of."""
        by_alias = {entry.alias: (entry, targets) for entry, targets in calls}
        for raw in raw_errors:
            place = _place(raw)
            error = subgraph_error(service, raw)
            call = by_alias.get(str(place[0])) if place else None
            if call is not None and len(place) > 1 and isinstance(place[1], int) and place[1] < len(call[1]):
                self._at_targets(error, call[0], call[1][place[1]], place[2:])
            else:
                self.affecting(error, [call[0]] if call else [entry for entry, _ in calls])

    def affecting(self, error: ErrorDict, entries: Sequence[EntityEntry]) -> None:
        """An error without a place of its own: it is put where the entries' results would have gone."""
        for path in dict.fromkeys(path for entry in entries for path in entry.paths):
            prefix = client_path(self._projection, _static_prefix(path))
            extensions = {**error["extensions"], "affectedPath": describe(path)}
            placed = {"path": list(prefix)} if prefix else {}
            self._errors.add({**error, **placed, "extensions": extensions})

    def _at_targets(
        self, error: ErrorDict, entry: EntityEntry, targets: Sequence[JsonObject], rest: Sequence[str | int]
    ) -> None:
        wanted = {id(target) for target in targets}
        for path in entry.paths:
            for target, place in _positions(self._data, path, ()):
                if id(target) in wanted:
                    full = client_path(self._projection, (*place, *rest))
                    self._errors.add({**error, "path": list(full)})


def _place(raw: Any) -> tuple[str | int, ...]:
    path = raw.get("path") if isinstance(raw, dict) else None
    if not isinstance(path, list):
        return ()
    return tuple(step for step in path if isinstance(step, str | int))


def _positions(data: Any, path: Path, place: ClientPath) -> Iterator[tuple[JsonObject, ClientPath]]:
    """Objects below `data` along the path with their places; type conditions were decided when they were chosen."""
    if not path:
        if isinstance(data, dict):
            yield data, place
        return
    step, rest = path[0], path[1:]
    if isinstance(step, Key):
        if isinstance(data, dict):
            yield from _positions(data.get(step.name), rest, (*place, step.name))
    elif isinstance(step, Items):
        if isinstance(data, list):
            for index, item in enumerate(data):
                yield from _positions(item, rest, (*place, index))
    else:
        yield from _positions(data, rest, place)


def _static_prefix(path: Path) -> tuple[str, ...]:
    prefix: list[str] = []
    for step in path:
        if isinstance(step, Items):
            break
        if isinstance(step, Key):
            prefix.append(step.name)
    return tuple(prefix)


def describe(path: Path) -> str:
    """The path as text: `users.@.reviews`, a type condition as `|[Book]`."""
    parts: list[str] = []
    for step in path:
        match step:
            case Key(name):
                parts.append(name)
            case Items():
                parts.append("@")
            case _:
                parts.append("|[" + ",".join(sorted(step.names)) + "]")
    return ".".join(parts)
