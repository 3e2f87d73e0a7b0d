"""Owns which failures of Temporal are outages: what was to be told to it is told again until it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from kit.errors import unavailable

RPC_TIMEOUT = timedelta(seconds=5)
_TRY_AGAIN = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
    }
)


@contextmanager
def temporal_outages() -> Iterator[None]:
    """Raises `DomainError` UNAVAILABLE in place of an outage; other refusals stay what they are."""
    try:
        yield
    except RPCError as error:
        if error.status in _TRY_AGAIN:
            raise unavailable(f"Temporal does not answer ({error.status.name}).") from error
        raise
