"""Owns the question whether an exception means "not now" rather than "not like this", for every engine we use."""

from __future__ import annotations

import asyncpg
from aiokafka.errors import KafkaError
from pymongo.errors import ConnectionFailure, PyMongoError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from kit.errors import DomainError, Kind

_ENGINE_IS_AWAY = (
    OSError,  # ConnectionError and TimeoutError among them
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    ConnectionFailure,
    RedisConnectionError,
    RedisTimeoutError,
    KafkaError,
)
_LOST_A_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


def is_outage(error: BaseException) -> bool:
    """Whether what we depend on is away or overloaded, so that the same attempt may succeed later."""
    if isinstance(error, DomainError):
        return error.kind in (Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.LIMITED)
    return isinstance(error, _ENGINE_IS_AWAY)


def is_race(error: BaseException) -> bool:
    """Whether somebody else changed the same thing at the same time, so that an immediate attempt may succeed."""
    if isinstance(error, DomainError):
        return error.kind is Kind.CONFLICT
    if isinstance(error, PyMongoError):
        return error.has_error_label("TransientTransactionError")
    return isinstance(error, _LOST_A_RACE)
