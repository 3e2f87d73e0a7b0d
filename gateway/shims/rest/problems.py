"""What went wrong as a problem document (RFC 9457): the code of the catalogue names its type, its kind the status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.server.incoming import HttpRefused
from proto.codes import Kind

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, int] = {
    Kind.INVALID.value: 400,
    Kind.PRECONDITION.value: 409,
    Kind.UNAUTHENTICATED.value: 401,
    Kind.FORBIDDEN.value: 403,
    Kind.NOT_FOUND.value: 404,
    Kind.EXISTS.value: 409,
    Kind.CONFLICT.value: 409,
    Kind.LIMITED.value: 429,
    Kind.UNAVAILABLE.value: 503,
    Kind.TIMEOUT.value: 504,
    Kind.INTERNAL.value: 500,
}
_OF_THE_ENGINE = {"BAD_USER_INPUT": 400, "NO_SUPERGRAPH_AVAILABLE": 503}
_SERVICE_FAILED = 502
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem document; `more` are its extension members."""
    kebab = code.lower().replace("_", "-")
    return {
        "type": f"/problems/{kebab}",
        "title": _TITLES[status],
        "status": status,
        "detail": detail,
        "code": code,
    } | {name: value for name, value in more.items() if value not in (None, {}, [])}


def problem_of(error: Mapping[str, Any], *, conditional: bool) -> dict[str, Any]:
    """The problem that a GraphQL error is. `conditional`: the request had a precondition, and may have failed on it."""
    extensions = error.get("extensions", {})
    code = str(extensions.get("code", "INTERNAL"))
    status = STATUS.get(str(extensions.get("kind")), _OF_THE_ENGINE.get(code, _SERVICE_FAILED))
    if code == "VERSION_CONFLICT" and conditional:
        status = 412
    return problem(status, code, error["message"], fields=extensions.get("fields"), traceId=extensions.get("traceId"))


def problem_of_refusal(refusal: HttpRefused) -> dict[str, Any]:
    """The problem that a request was before it became an operation."""
    return problem(refusal.status, refusal.code, refusal.message)
