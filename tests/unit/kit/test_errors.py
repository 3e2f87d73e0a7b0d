"""Errors carry what an edge needs, and over HTTP they become problem documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kit.errors import DomainError, Kind, invalid
from kit.problem import HTTP_STATUS, problem_response


def test_kind_follows_from_the_code() -> None:
    assert DomainError.of("VERSION_CONFLICT", "changed").kind is Kind.CONFLICT


def test_an_unknown_code_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        DomainError.of("NO_SUCH_CODE", "x")


def test_fields_become_plain_json() -> None:
    error = invalid("bad", at=datetime(2026, 1, 1, tzinfo=UTC), id=UUID(int=1))
    assert error.json_fields() == {"at": "2026-01-01T00:00:00+00:00", "id": str(UUID(int=1))}


def test_every_kind_has_a_status() -> None:
    assert set(HTTP_STATUS) == set(Kind)


def test_a_problem_names_type_status_and_trace() -> None:
    answer = problem_response(DomainError.of("RATE_LIMITED", "slow down", retryAfter=3), "abc")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/problem+json"
    document = json.loads(bytes(answer.body))
    assert document["type"] == "/problems/rate-limited"
    assert document["traceId"] == "abc"
