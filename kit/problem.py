"""Owns how an error looks over HTTP: the status of each kind and the RFC 9457 document."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from starlette.responses import Response

from kit.errors import DomainError, Kind

HTTP_STATUS: Mapping[Kind, int] = MappingProxyType(
    {
        Kind.INVALID: 422,
        Kind.PRECONDITION: 409,
        Kind.UNAUTHENTICATED: 401,
        Kind.FORBIDDEN: 403,
        Kind.NOT_FOUND: 404,
        Kind.EXISTS: 409,
        Kind.CONFLICT: 409,
        Kind.LIMITED: 429,
        Kind.UNAVAILABLE: 503,
        Kind.TIMEOUT: 504,
        Kind.INTERNAL: 500,
    }
)


def problem(error: DomainError, trace_id: str | None = None) -> dict[str, Any]:
    """The problem document of an error."""
    status = HTTP_STATUS[error.kind]
    document: dict[str, Any] = {
        "type": "/problems/" + error.code.lower().replace("_", "-"),
        "title": error.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": error.message,
        "code": error.code,
    }
    if error.fields:
        document["fields"] = error.json_fields()
    if trace_id:
        document["traceId"] = trace_id
    return document


def problem_response(error: DomainError, trace_id: str | None = None) -> Response:
    """The answer for an error, with `Retry-After` where the error knows it."""
    document = problem(error, trace_id)
    headers = {"cache-control": "no-store"}
    if "retryAfter" in error.fields:
        headers["retry-after"] = str(error.fields["retryAfter"])
    return Response(orjson.dumps(document), document["status"], headers, "application/problem+json")
