"""Owns the question whether an exception means "not now" rather than "not like this", for every engine we use.

An engine's classes are looked up among the modules that are loaded: a library that this process does not use has raised
nothing, and loading it just to ask would cost every start a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from kit.errors import DomainError, Kind

_AWAY: Mapping[str, Iterable[str]] = {
    "asyncpg": (
        "PostgresConnectionError",
        "InterfaceError",
        "OperatorInterventionError",
        "InsufficientResourcesError",
    ),
    "pymongo.errors": ("ConnectionFailure",),
    "redis.exceptions": ("ConnectionError", "TimeoutError"),
    "aiokafka.errors": ("KafkaError",),
}
_LOST_A_RACE: Mapping[str, Iterable[str]] = {"asyncpg": ("SerializationError", "DeadlockDetectedError")}
_TRANSIENT = "TransientTransactionError"  # MongoDB's word for a transaction that lost a race


def is_outage(error: BaseException) -> bool:
    """Whether what we depend on is away or overloaded, so that the same attempt may succeed later."""
    if isinstance(error, DomainError):
        return error.kind in (Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.LIMITED)
    return isinstance(error, (OSError, *_loaded(_AWAY)))


def is_race(error: BaseException) -> bool:
    """Whether somebody else changed the same thing at the same time, so that an immediate attempt may succeed."""
    if isinstance(error, DomainError):
        return error.kind is Kind.CONFLICT
    if isinstance(error, _loaded({"pymongo.errors": ("PyMongoError",)})):
        return bool(error.has_error_label(_TRANSIENT))  # type: ignore[attr-defined]  # a method of PyMongoError
    return isinstance(error, _loaded(_LOST_A_RACE))


def _loaded(names: Mapping[str, Iterable[str]]) -> tuple[type[BaseException], ...]:
    return tuple(
        getattr(sys.modules[module], name) for module in names if module in sys.modules for name in names[module]
    )
