"""Owns the circuit breaker: when a dependency keeps failing or keeps being slow, calls fail at once for a while.

Closed, it opens after half of at least 20 calls within 10 s, or 5 in a row, went wrong. Open, it refuses for about 5 s
(jittered, so that a fleet does not return in step), then lets 3 probes through: all good closes it, one bad reopens it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from time import monotonic

from prometheus_client import Counter, Gauge

from kit.errors import DomainError, Kind

_STATE = Gauge("breaker_state", "0 closed, 1 half open, 2 open.", ["name"])
_OPENED = Counter("breaker_opened_total", "Times a breaker opened.", ["name"])
_REFUSED = Counter("breaker_refused_total", "Calls refused by an open breaker.", ["name"])

# INTERNAL is not among them: who answers is there, and one request that always fails must not stop all the others.
_OUTAGE = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT})


class State(IntEnum):
    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerOptions:
    """When a breaker opens and for how long."""

    window_seconds: float = 10.0
    least_calls: int = 20
    failure_share: float = 0.5
    in_a_row: int = 5
    open_seconds: float = 5.0
    probes: int = 3


class CircuitBreaker:
    """One breaker for one dependency (one target of it, where there are several)."""

    def __init__(
        self,
        name: str,
        options: BreakerOptions | None = None,
        now: Callable[[], float] = monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self._options = options or BreakerOptions()
        self._now, self._jitter = now, jitter
        self._calls: deque[tuple[float, bool]] = deque()
        self._bad = 0
        self._row = 0
        self._state = State.CLOSED
        self._open_until = 0.0
        self._trial = 0
        self._probes_out = 0
        self._probes_good = 0
        self._gauge = _STATE.labels(name)
        self._gauge.set(State.CLOSED)
        self._opened = _OPENED.labels(name)
        self._refused = _REFUSED.labels(name)

    @property
    def state(self) -> State:
        return self._state

    @property
    def admits(self) -> bool:
        """Whether a call would be let through now; for choosing among several targets."""
        if self._state is State.OPEN:
            return self._now() >= self._open_until
        return self._state is State.CLOSED or self._probes_out + self._probes_good < self._options.probes

    @contextmanager
    def guard(self, slow_after: float | None = None) -> Iterator[None]:
        """Runs a call through the breaker. Raises `DomainError` UNAVAILABLE at once while it is open.

        Answers that refuse the request (invalid, not found, …) or fail on it (internal) count as good; outages, foreign
        exceptions and calls slower than `slow_after` as bad; a cancelled call counts as nothing.
        """
        trial = self._admit()
        began = self._now()
        outcome: bool | None = None
        try:
            yield
            outcome = slow_after is None or self._now() - began < slow_after
        except DomainError as error:
            outcome = error.kind not in _OUTAGE
            raise
        except Exception:
            outcome = False
            raise
        finally:
            self._settle(trial, outcome)

    def _admit(self) -> int:
        """The number of the trial that the call probes for, 0 when the breaker is closed."""
        if not self.admits:
            self._refused.inc()
            raise DomainError(Kind.UNAVAILABLE, "UNAVAILABLE", f"{self.name} is not answering; try again shortly.")
        if self._state is State.OPEN:
            self._become(State.HALF_OPEN)
            self._trial += 1
            self._probes_out = self._probes_good = 0
        if self._state is State.CLOSED:
            return 0
        self._probes_out += 1
        return self._trial

    def _settle(self, trial: int, good: bool | None) -> None:
        if trial == self._trial and self._state is State.HALF_OPEN:
            self._probes_out -= 1
            if good is False:
                self._open()
            elif good:
                self._probes_good += 1
                if self._probes_good >= self._options.probes:
                    self._close()
        elif not trial and self._state is State.CLOSED and good is not None:
            self._count(good)

    def _count(self, good: bool) -> None:
        now = self._now()
        self._calls.append((now, good))
        self._bad += not good
        self._row = 0 if good else self._row + 1
        while self._calls and self._calls[0][0] <= now - self._options.window_seconds:
            self._bad -= not self._calls.popleft()[1]
        enough = len(self._calls) >= self._options.least_calls
        if (enough and self._bad >= self._options.failure_share * len(self._calls)) or (
            self._row >= self._options.in_a_row
        ):
            self._open()

    def _open(self) -> None:
        self._open_until = self._now() + self._options.open_seconds * (0.75 + self._jitter() / 2)
        self._become(State.OPEN)
        self._opened.inc()

    def _close(self) -> None:
        self._calls.clear()
        self._bad = self._row = 0
        self._become(State.CLOSED)

    def _become(self, state: State) -> None:
        self._state = state
        self._gauge.set(state)
