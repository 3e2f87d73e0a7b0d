"""Merges subgraph data into the response: null never overwrites a value, lists merge element by element."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

JsonObject = dict[str, Any]


def merge_object(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Adds `source` to `target`. Containers of `source` that `target` lacks are taken over, not copied."""
    for key, value in source.items():
        present = target.get(key)
        if present is None:
            target[key] = value
        elif value is not None:
            target[key] = merge_values(present, value)


def merge_values(present: Any, value: Any) -> Any:
    """The union of two values that answer the same selection; neither is None."""
    if isinstance(present, dict) and isinstance(value, dict):
        merge_object(present, value)
        return present
    if isinstance(present, list) and isinstance(value, list):
        merge_lists(present, value)
        return present
    return value


def merge_lists(present: list[Any], values: list[Any]) -> None:
    for index, value in enumerate(values[: len(present)]):
        if present[index] is None:
            present[index] = value
        elif value is not None:
            present[index] = merge_values(present[index], value)
    present.extend(values[len(present) :])


def copy_value(value: Any) -> Any:
    """A deep copy of JSON data."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


def merge_into(targets: Iterable[JsonObject], source: JsonObject) -> None:
    """Merges the same data into several objects; each gets containers of its own."""
    for target in targets:
        merge_object(target, copy_value(source))
