"""A breaker opens on outages, not on refusals, and comes back by probes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError, invalid, unavailable
from kit.resilience.breaker import BreakerOptions, CircuitBreaker, State


@dataclass
class Hand:
    time: float = 100.0

    def __call__(self) -> float:
        return self.time


def breaker(hand: Hand) -> CircuitBreaker:
    return CircuitBreaker("sample", BreakerOptions(), hand, lambda: 0.5)


def fail(subject: CircuitBreaker) -> None:
    with pytest.raises(DomainError), subject.guard():
        raise unavailable("down")


def succeed(subject: CircuitBreaker) -> None:
    with subject.guard():
        pass


def test_five_failures_in_a_row_open_it_and_calls_fail_at_once() -> None:
    subject = breaker(Hand())
    for _ in range(5):
        fail(subject)
    assert subject.state is State.OPEN
    with pytest.raises(DomainError) as refused, subject.guard():
        raise AssertionError("must not be reached")
    assert refused.value.code == "UNAVAILABLE"


def test_a_request_that_its_owner_cannot_handle_does_not_stop_the_others() -> None:
    subject = breaker(Hand())
    for _ in range(30):
        with pytest.raises(DomainError), subject.guard():
            raise DomainError.of("INTERNAL", "a row that nobody foresaw")
    assert subject.state is State.CLOSED
    succeed(subject)


def test_half_of_twenty_calls_open_it() -> None:
    subject = breaker(Hand())
    for _ in range(9):
        fail(subject)
        succeed(subject)
    succeed(subject)
    assert subject.admits
    fail(subject)
    assert not subject.admits


def test_old_failures_are_forgotten() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(9):
        fail(subject)
        succeed(subject)
    hand.time += 11
    fail(subject)
    succeed(subject)
    assert subject.state is State.CLOSED


def test_refusals_of_the_request_do_not_count() -> None:
    subject = breaker(Hand())
    for _ in range(30):
        with pytest.raises(DomainError), subject.guard():
            raise invalid("bad")
    assert subject.state is State.CLOSED


def test_slow_answers_count_as_failures() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(5):
        with subject.guard(slow_after=1.0):
            hand.time += 1.5
    assert subject.state is State.OPEN


def test_three_good_probes_close_it() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(5):
        fail(subject)
    hand.time += 5.1
    for _ in range(3):
        assert subject.state is not State.CLOSED
        succeed(subject)
    assert subject.state is State.CLOSED


def test_a_bad_probe_opens_it_again() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(5):
        fail(subject)
    hand.time += 5.1
    fail(subject)
    assert subject.state is State.OPEN


def test_no_more_than_three_probes_at_a_time() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(5):
        fail(subject)
    hand.time += 5.1
    with subject.guard(), subject.guard(), subject.guard():
        assert not subject.admits


def test_a_cancelled_probe_gives_its_place_back() -> None:
    hand = Hand()
    subject = breaker(hand)
    for _ in range(5):
        fail(subject)
    hand.time += 5.1
    for _ in range(4):
        with pytest.raises(asyncio.CancelledError), subject.guard():
            raise asyncio.CancelledError
    assert subject.admits


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 4)), max_size=80))
def test_it_always_comes_back(history: list[tuple[bool, float]]) -> None:
    hand = Hand()
    subject = breaker(hand)
    for good, pause in history:
        hand.time += pause
        if subject.admits:
            succeed(subject) if good else fail(subject)
    hand.time += 10
    for _ in range(3):
        succeed(subject)
    assert subject.state is State.CLOSED
