"""Owns how a `DomainError` travels over gRPC: a status for its kind, the whole of it in trailing metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast

import grpc
import orjson

from kit.errors import DomainError, Kind

ERROR_KEY = "taskflow-error-bin"
"""Trailing metadata that carries kind, code, message and fields as JSON."""

STATUS: Mapping[Kind, grpc.StatusCode] = MappingProxyType(
    {
        Kind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
        Kind.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
        Kind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
        Kind.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
        Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
        Kind.EXISTS: grpc.StatusCode.ALREADY_EXISTS,
        Kind.CONFLICT: grpc.StatusCode.ABORTED,
        Kind.LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
        Kind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
        Kind.TIMEOUT: grpc.StatusCode.DEADLINE_EXCEEDED,
        Kind.INTERNAL: grpc.StatusCode.INTERNAL,
    }
)
_KIND = {status: kind for kind, status in STATUS.items()} | {grpc.StatusCode.CANCELLED: Kind.UNAVAILABLE}
_CODE = {Kind.UNAVAILABLE: "UNAVAILABLE", Kind.TIMEOUT: "TIMEOUT", Kind.UNAUTHENTICATED: "UNAUTHENTICATED"}


def packed(error: DomainError) -> bytes:
    """The error as the value of its trailing metadata."""
    return orjson.dumps(
        {"kind": error.kind, "code": error.code, "message": error.message, "fields": error.json_fields()}
    )


def rebuilt(service: str, error: grpc.aio.AioRpcError) -> DomainError:
    """The error that the other side raised, or what a failure of the transport amounts to."""
    for key, value in cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ()):
        if key == ERROR_KEY:
            return _unpacked(value)
    kind = _KIND.get(error.code(), Kind.INTERNAL)
    message = {
        Kind.UNAVAILABLE: f"{service} is not reachable.",
        Kind.TIMEOUT: f"{service} did not answer in time.",
    }.get(kind, f"{service} failed ({error.code().name}).")
    return DomainError(kind, _CODE.get(kind, "INTERNAL"), message)


def _unpacked(value: str | bytes) -> DomainError:
    document = orjson.loads(value)
    return DomainError(Kind(document["kind"]), document["code"], document["message"], **document["fields"])
