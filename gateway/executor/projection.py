"""Turns merged data into the client's answer: selects, checks, renames, and bubbles nulls by the API schema's types.

The plain implementation; the compiled projector must give the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from gateway.executor.errors import RESPONSE_INVALID, ClientPath, ErrorLog, gateway_error
from gateway.planner.nodes import ProjectedField, Projection

JsonObject = dict[str, Any]


class _Bubble(Exception):
    """A value that may not be null is null: the nearest nullable parent becomes null."""


class Projector:
    """Projects one response; complaints go to its error log."""

    __slots__ = ("_errors", "_variables")

    def __init__(self, variables: Mapping[str, Any], errors: ErrorLog) -> None:
        self._variables = variables
        self._errors = errors

    def project(self, projection: Projection, data: JsonObject, path: ClientPath = ()) -> JsonObject | None:
        """The answer's `data`, None where a null bubbled up to the root."""
        try:
            return self._object(projection, data, path)
        except _Bubble:
            return None

    def _object(self, projection: Projection, source: JsonObject, path: ClientPath) -> JsonObject:
        typename = projection.typename or source.get("__typename")
        out: JsonObject = {}
        for field in projection.fields:
            if field.response_key not in out and self._applies(field, typename, path):
                out[field.response_key] = self._field(field, source, typename, path)
        return out

    def _applies(self, field: ProjectedField, typename: str | None, path: ClientPath) -> bool:
        if not conditions_hold(field.conditions, self._variables):
            return False
        if field.types is not None and typename is None:
            self._untyped(path)
        return field.types is None or typename in field.types

    def _untyped(self, path: ClientPath) -> NoReturn:
        """What an object of unknown type has of its own cannot be told: the call that knows its type has failed."""
        if not self._errors.explains(path):
            self._errors.add(gateway_error(RESPONSE_INVALID, "The type of the object is not known.", path))
        raise _Bubble

    def _field(self, field: ProjectedField, source: JsonObject, typename: str | None, path: ClientPath) -> Any:
        if field.introspection:
            return source.get(field.source)
        value = typename if field.typename else source.get(field.source)
        return self._complete(field, value, 0, (*path, field.response_key))

    def _complete(self, field: ProjectedField, value: Any, level: int, path: ClientPath) -> Any:
        nullable = field.shape.nullable[level]
        if value is None:
            if nullable:
                return None
            if not self._errors.explains(path):
                message = f"Cannot return null for non-nullable field {field.field_name or field.response_key}."
                self._errors.add(gateway_error(RESPONSE_INVALID, message, path))
            raise _Bubble
        try:
            return self._checked(field, value, level, path)
        except _Bubble:
            if nullable:
                return None
            raise

    def _checked(self, field: ProjectedField, value: Any, level: int, path: ClientPath) -> Any:
        if level < field.shape.lists:
            if not isinstance(value, list):
                self._reject("a list was expected", path)
            return [self._complete(field, item, level + 1, (*path, i)) for i, item in enumerate(value)]
        if field.enum_values is not None and not (isinstance(value, str) and value in field.enum_values):
            self._reject("the value is not one of the enum's", path)
        if field.children is None:
            return value
        if not isinstance(value, dict):
            self._reject("an object was expected", path)
        if field.children.typename is None and field.possible_types is not None:
            typename = value.get("__typename")
            if typename is not None and typename not in field.possible_types:
                self._reject("the object's type is not one of the possible types", path)
        return self._object(field.children, value, path)

    def _reject(self, reason: str, path: ClientPath) -> None:
        self._errors.add(gateway_error(RESPONSE_INVALID, f"Invalid value from a subgraph: {reason}.", path))
        raise _Bubble


def conditions_hold(conditions: Sequence[tuple[str, bool]], variables: Mapping[str, Any]) -> bool:
    return all(bool(variables.get(name)) is wanted for name, wanted in conditions)


def client_path(projection: Projection, place: Sequence[str | int]) -> ClientPath:
    """A place in the merged data by the client's response keys, cut before the first key the client cannot see.

    What is shown in a deferred part is seen too.
    """
    out: list[str | int] = []
    levels = _with_parts([projection])
    for step in place:
        if isinstance(step, int):
            out.append(step)
            continue
        fields = [field for level in levels for field in level.fields if field.source == step]
        if not fields:
            break
        out.append(fields[0].response_key)
        levels = _with_parts([field.children for field in fields if field.children is not None])
    return tuple(out)


def _with_parts(levels: list[Projection]) -> list[Projection]:
    for level in levels:  # grows while it is walked: parts lie within parts
        levels += [spot.projection for spot in level.spots]
    return levels
