"""From a request to the variables of a route's operation: path, query string and body, each checked by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from graphql import NamedTypeNode, NonNullTypeNode, OperationDefinitionNode, TypeNode, parse

from gateway.server.incoming import HttpRefused
from gateway.shims.rest.routes import Route

INPUT = "input"
VERSION = "expectedVersion"  # of an input, given by If-Match

_TAG = re.compile(r'\s*(?:W/)?"v(\d{1,9})-[0-9a-f]+"\s*')


@dataclass(frozen=True, slots=True)
class Bound:
    """A route whose operation was read: what its variables are called and which GraphQL type each has."""

    route: Route
    segments: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query string: type by name."""
        return {
            name: kind for name, kind in self.variables.items() if name != INPUT and f"{{{name}}}" not in self.segments
        }

    @property
    def has_body(self) -> bool:
        """Whether the route takes a body."""
        return INPUT in self.variables

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Whether a path, split at its slashes, is one of this route."""
        return len(segments) == len(self.segments) and all(
            own == given or (own.startswith("{") and given) for own, given in zip(self.segments, segments, strict=True)
        )

    def variables_of(
        self, segments: tuple[str, ...], query_string: bytes, body: Mapping[str, Any], if_match: str | None
    ) -> dict[str, Any]:
        """The variables of one request. Raises HttpRefused 400."""
        given: dict[str, Any] = _query(query_string, self.query)
        named = {own[1:-1]: value for own, value in zip(self.segments, segments, strict=True) if own.startswith("{")}
        if not self.has_body:
            return {**given, **named}
        into = self.route.into_input
        fixed = {into[name]: value for name, value in named.items()}
        if taken := sorted(body.keys() & {*fixed, VERSION}):
            raise _bad(f"`{taken[0]}` does not belong in the body: the path or If-Match says it.")
        version = _version(if_match) if self.route.versioned and fixed else None
        return {**given, INPUT: {**body, **fixed, **({VERSION: version} if version is not None else {})}}


def bound(route: Route) -> Bound:
    """A route ready to be matched."""
    operation = cast("OperationDefinitionNode", parse(route.operation, no_location=True).definitions[0])
    variables = {each.variable.name.value: _named(each.type) for each in operation.variable_definitions or ()}
    return Bound(route, tuple(route.path.strip("/").split("/")), variables)


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object; no body at all is an empty one. Raises HttpRefused 400."""
    if not body:
        return {}
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad("The body is not JSON.") from None
    if not isinstance(content, dict):
        raise _bad("The body is not a JSON object.")
    return content


def _query(query_string: bytes, known: Mapping[str, str]) -> dict[str, Any]:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise _bad("The query string is malformed.") from None
    values: dict[str, Any] = {}
    for name, text in pairs:
        if name not in known:
            raise _bad(f"There is no parameter `{name}`.")
        if name in values:
            raise _bad(f"`{name}` is given twice.")
        values[name] = _READ.get(known[name], _text)(name, text)
    return values


def _integer(name: str, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,10}", text, re.ASCII):
        raise _bad(f"`{name}` must be an integer.")
    return int(text)


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise _bad(f"`{name}` must be true or false.")
    return text == "true"


def _text(_: str, text: str) -> str:
    return text


_READ: Mapping[str, Callable[[str, str], Any]] = {"Int": _integer, "Boolean": _boolean}


def _version(if_match: str | None) -> int | None:
    """The version that a write expects; None when it expects none."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match)
    if found is None:
        raise _bad("If-Match must be one ETag as it was given, or *.")
    return int(found.group(1))


def _named(node: TypeNode) -> str:
    inner = node.type if isinstance(node, NonNullTypeNode) else node
    return cast("NamedTypeNode", inner).name.value


def _bad(message: str) -> HttpRefused:
    return HttpRefused(400, "BAD_REQUEST", message)
