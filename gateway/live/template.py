"""Templates of the `@live` directive: topics over arguments and the viewer, values over an event.

Pure. Both are parsed once, when a schema is loaded, so that a wrong template is found there and not at the first event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_PLACEHOLDER = re.compile(r"\{(args|viewer)\.([A-Za-z_][A-Za-z0-9_]*)\}")
_EVENT_ROOTS = frozenset({"id", "type", "time", "tenant", "data"})
# A rendered topic becomes part of a Redis key: anything else could address another key.
_SAFE_SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class InvalidTemplate(ValueError):
    """A topic or value template that cannot be parsed; the message names the place."""


class UnusableTopicValue(ValueError):
    """An argument or viewer attribute that must not become part of a topic."""


@dataclass(frozen=True, slots=True)
class TopicTemplate:
    """A topic name with placeholders, e.g. `project:{args.projectId}`."""

    text: str
    arguments: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> TopicTemplate:
        """Raises InvalidTemplate for braces that are no placeholder."""
        rest = _PLACEHOLDER.sub("", text)
        if "{" in rest or "}" in rest or not text:
            raise InvalidTemplate(
                f"topic template {text!r}: only {{args.NAME}} and {{viewer.NAME}} may stand in braces"
            )
        names = frozenset(m.group(2) for m in _PLACEHOLDER.finditer(text) if m.group(1) == "args")
        return cls(text, names)

    def render(self, args: Mapping[str, Any], viewer: Mapping[str, str]) -> str:
        """Raises UnusableTopicValue when a value is missing or is no plain identifier."""

        def value(match: re.Match[str]) -> str:
            source: Mapping[str, Any] = args if match.group(1) == "args" else viewer
            found = source.get(match.group(2))
            text = str(found) if found is not None else ""
            if not _SAFE_SEGMENT.fullmatch(text):
                raise UnusableTopicValue(match.group(2))
            return text

        return _PLACEHOLDER.sub(value, self.text)


@dataclass(frozen=True, slots=True)
class ValueTemplate:
    """Builds a field's value from an event: a JSON template in which `"$data.task"` is a path into the event."""

    template: Any

    @classmethod
    def parse(cls, text: str) -> ValueTemplate:
        """Raises InvalidTemplate for text that is no JSON, or for a path that starts outside the event."""
        try:
            template = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise InvalidTemplate(f"value template is not JSON: {error}") from error
        _check_paths(template)
        return cls(template)

    def build(self, event: Mapping[str, Any]) -> Any:
        """A path that leads nowhere yields None."""
        return _build(self.template, event)


def _check_paths(node: Any) -> None:
    if isinstance(node, dict):
        for child in node.values():
            _check_paths(child)
    elif isinstance(node, list):
        for child in node:
            _check_paths(child)
    elif isinstance(node, str) and node.startswith("$") and node[1:].split(".", 1)[0] not in _EVENT_ROOTS:
        raise InvalidTemplate(f"value template: {node!r} does not start with $id, $type, $time, $tenant or $data")


def _build(node: Any, event: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _build(child, event) for key, child in node.items()}
    if isinstance(node, list):
        return [_build(child, event) for child in node]
    if isinstance(node, str) and node.startswith("$"):
        value: Any = event
        for step in node[1:].split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value
    return node
