"""A deadline is only ever shortened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.resilience import Deadline, RetryBudget, backoff


def test_an_inner_deadline_cannot_outlive_the_outer() -> None:
    with Deadline.after(1).scope():
        assert Deadline.after(60).remaining <= 1
        assert Deadline.after(0.5).remaining <= 0.5
    assert Deadline.current() is None


def test_a_spent_deadline_refuses() -> None:
    with pytest.raises(DomainError) as refused:
        Deadline.after(-1).check()
    assert refused.value.code == "TIMEOUT"


@given(st.text() | st.none())
def test_any_header_grants_at_most_the_cap(header: str | None) -> None:
    assert Deadline.from_header(header, 5).remaining <= 5


def test_the_header_carries_what_remains() -> None:
    assert Deadline.from_header(Deadline.after(2).header(), 30).remaining == pytest.approx(2, abs=0.1)


def test_retries_stay_near_a_tenth_of_the_calls() -> None:
    budget = RetryBudget("sample")
    allowed = 0
    for _ in range(1000):
        budget.deposit()
        allowed += budget.withdraw()
    assert allowed <= 110


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_are_bounded(attempt: int, random: float) -> None:
    assert 0 < backoff(attempt, jitter=lambda: random) <= 5.0
