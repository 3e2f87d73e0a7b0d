"""Owns how much time a request has left: set at the edge, only ever shortened, carried along by every hop.

Between processes the remaining milliseconds travel, not a point in time, so clocks need not agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from kit.errors import DomainError, Kind

TIMEOUT_HEADER = "taskflow-timeout-ms"
"""HTTP header with the milliseconds that the caller still waits."""

_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock after which nobody waits for the answer."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """In so many seconds, or when the surrounding deadline ends if that is sooner."""
        at, around = monotonic() + seconds, _current.get()
        return cls(at if around is None else min(at, around.at))

    @classmethod
    def current(cls) -> Deadline | None:
        return _current.get()

    @classmethod
    def from_header(cls, value: str | None, at_most: float) -> Deadline:
        """What the caller's header grants, capped; a header that is not a number grants the cap."""
        if value is not None and value.isascii() and value.isdigit():
            return cls.after(min(int(value) / 1000, at_most))
        return cls.after(at_most)

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - monotonic())

    def header(self) -> str:
        return str(int(self.remaining * 1000))

    def check(self) -> None:
        """Raises `DomainError` TIMEOUT when the time is up."""
        if self.remaining <= 0:
            raise DomainError(Kind.TIMEOUT, "TIMEOUT", "The time for this request is up.")

    @contextmanager
    def scope(self) -> Iterator[Deadline]:
        """Makes this the current deadline for the length of a block."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)
