"""What the engines' libraries raise is told apart: away, lost a race, or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from kit.errors import DomainError, invalid, unavailable
from kit.resilience.outage import is_outage, is_race

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    "error",
    [
        unavailable("x"),
        DomainError.of("TIMEOUT", "x"),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(),
        asyncpg.InterfaceError("closed"),
        asyncpg.TooManyConnectionsError(),
        AutoReconnect(),
        ServerSelectionTimeoutError(),
        RedisConnectionError(),
        KafkaConnectionError(),
    ],
    ids=repr,
)
def test_an_engine_that_is_away_is_an_outage(error: Exception) -> None:
    assert is_outage(error)
    assert not is_race(error)


@pytest.mark.parametrize(
    "error",
    [invalid("x"), KeyError(), asyncpg.UniqueViolationError(), DuplicateKeyError("x"), ResponseError()],
    ids=repr,
)
def test_a_refusal_or_a_fault_is_neither(error: Exception) -> None:
    assert not is_outage(error)
    assert not is_race(error)


def test_lost_races_are_seen() -> None:
    transient = OperationFailure("x", details={"errorLabels": ["TransientTransactionError"]})
    assert is_race(transient)
    assert is_race(asyncpg.SerializationError())
    assert is_race(asyncpg.DeadlockDetectedError())
    assert is_race(DomainError.of("VERSION_CONFLICT", "x"))


def test_asking_loads_no_engine() -> None:
    code = (
        "import sys; from kit.resilience.outage import is_outage, is_race; is_outage(KeyError()); is_race(KeyError());"
        "print([name for name in ('asyncpg', 'pymongo', 'redis', 'aiokafka') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
