"""How errors leave a subgraph: `extensions {code, kind, fields, traceId}`; faults of ours are masked and logged."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from kit.errors import DomainError, Kind
from kit.telemetry import logger, trace_id

_log = logger("graphql")


def formatted(error: GraphQLError) -> dict[str, Any]:
    """The error as it stands in the response."""
    known = _classify(error)
    response: dict[str, Any] = {"message": known.message}
    if error.locations:
        response["locations"] = [place.formatted for place in error.locations]
    if error.path is not None:
        response["path"] = error.path
    response["extensions"] = extensions(known)
    return response


def extensions(error: DomainError) -> dict[str, Any]:
    """The client's contract of an error."""
    content: dict[str, Any] = {"code": error.code, "kind": error.kind.value, "traceId": trace_id()}
    if error.fields:
        content["fields"] = error.json_fields()
    return content


def _classify(error: GraphQLError) -> DomainError:
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, DomainError):
        return original
    if isinstance(error, GraphQLSyntaxError):
        return DomainError.of("GRAPHQL_PARSE_FAILED", error.message)
    if original is None and error.path is None:
        return DomainError.of("GRAPHQL_VALIDATION_FAILED", error.message)
    _log.error("resolver failed", path=error.path, exc_info=original or error)
    return DomainError(Kind.INTERNAL, "INTERNAL", "Something went wrong here.")
