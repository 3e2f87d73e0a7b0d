"""Owns how often something is tried again: a budget near a tenth of the calls, and jittered pauses."""

from __future__ import annotations

import random
from collections.abc import Callable

from prometheus_client import Counter

_RETRIES = Counter("retries_total", "Retries by whether the budget allowed them.", ["name", "allowed"])


class RetryBudget:
    """A bucket that calls fill a little and retries empty: an outage does not multiply its own load."""

    def __init__(self, name: str, share: float = 0.1, reserve: float = 10.0) -> None:
        self._share, self._reserve = share, reserve
        self._tokens = reserve
        self._allowed = _RETRIES.labels(name, "yes")
        self._denied = _RETRIES.labels(name, "no")

    def deposit(self) -> None:
        """Counts one call."""
        self._tokens = min(self._reserve, self._tokens + self._share)

    def withdraw(self) -> bool:
        """Whether one retry is allowed now; takes it from the budget."""
        if self._tokens < 1:
            self._denied.inc()
            return False
        self._tokens -= 1
        self._allowed.inc()
        return True


def backoff(
    attempt: int, first: float = 0.05, longest: float = 5.0, jitter: Callable[[], float] = random.random
) -> float:
    """Seconds to pause before the next attempt: doubled each time from `first`, capped, half of it random."""
    whole = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return whole * (0.5 + jitter() / 2)
