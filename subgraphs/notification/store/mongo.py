"""Owns the connection to MongoDB: ids as standard UUIDs, times aware, majority writes, and an absence that becomes an
error which consumers retry.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WaitQueueTimeoutError,
)

from kit.errors import unavailable

Client = AsyncMongoClient[dict[str, Any]]

DATABASE = "notification"
_DUPLICATE = 11000


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """A client whose server has answered once."""
    client: Client = AsyncMongoClient(
        url,
        uuidRepresentation="standard",
        tz_aware=True,
        w="majority",
        readConcernLevel="majority",
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=2000,
        timeoutMS=5000,  # below the time that a handler has: slowness is an outage, not a hanging handler
        appname="taskflow-notification",
    )
    try:
        await client.admin.command("ping")
        yield client
    finally:
        await client.close()


@contextmanager
def reachable() -> Iterator[None]:
    """Turns the database's absence into UNAVAILABLE; every other failure is a fault of ours and stays what it is."""
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError) as error:
        raise unavailable("The notification store does not answer.") from error
    except OperationFailure as error:
        if error.has_error_label("TransientTransactionError") or error.has_error_label("RetryableWriteError"):
            raise unavailable("The notification store is busy.") from error
        raise


@contextmanager
def single_duplicates() -> Iterator[None]:
    """Gives a duplicate among many the same error as one by itself, without the documents in its text."""
    try:
        yield
    except BulkWriteError as error:
        if any(one["code"] == _DUPLICATE for one in error.details["writeErrors"]):
            raise DuplicateKeyError("one of many is there already", _DUPLICATE) from None
        raise
