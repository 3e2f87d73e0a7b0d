"""Owns what a failing engine means to the caller: UNAVAILABLE, or TIMEOUT when the write may have happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import ConnectionFailure, PyMongoError
from redis.exceptions import RedisError

from kit.errors import DomainError, unavailable


@contextmanager
def mongo_faults() -> Iterator[None]:
    """Turns lost connections and timeouts of MongoDB into refusals; other errors are faults of ours."""
    try:
        yield
    except PyMongoError as error:
        if error.timeout:
            raise DomainError.of("TIMEOUT", "The database did not answer in time.") from error
        if isinstance(error, ConnectionFailure) or error.has_error_label("TransientTransactionError"):
            raise unavailable("The database cannot be reached.") from error
        raise


@contextmanager
def redis_faults() -> Iterator[None]:
    """Turns any failure of Redis into UNAVAILABLE: whoever asks it about a session must not guess."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise unavailable("The session store cannot be reached.") from error
