"""The bound of the walk: a count of elementary steps, never a clock, so that a verdict is the same everywhere."""

from __future__ import annotations

MAX_STEPS = 3_000_000


class BudgetExceeded(Exception):
    """The walk needs more steps than it may take."""


class Budget:
    """Counts steps; the step after the last raises BudgetExceeded."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise BudgetExceeded
