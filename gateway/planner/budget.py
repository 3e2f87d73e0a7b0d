"""Owns the bound on the work of one plan: a counter of search steps, since pure code has no clock."""

from __future__ import annotations

from gateway.planner.errors import TooComplex

DEFAULT_BUDGET = 400_000


class Budget:
    """Counts down; raises when it is used up."""

    __slots__ = ("_limit", "left")

    def __init__(self, limit: int = DEFAULT_BUDGET) -> None:
        self._limit = limit
        self.left = limit

    def spend(self, steps: int = 1) -> None:
        """Takes steps from the budget.

        Raises:
            TooComplex: nothing is left.
        """
        self.left -= steps
        if self.left < 0:
            raise TooComplex(self._limit)
