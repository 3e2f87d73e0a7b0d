"""Deadlines, circuit breakers and retry budgets, for any transport."""

from __future__ import annotations

from kit.resilience.breaker import BreakerOptions, CircuitBreaker
from kit.resilience.deadline import TIMEOUT_HEADER, Deadline
from kit.resilience.retry import RetryBudget, backoff

__all__ = [
    "TIMEOUT_HEADER",
    "BreakerOptions",
    "CircuitBreaker",
    "Deadline",
    "RetryBudget",
    "backoff",
]
