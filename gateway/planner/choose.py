"""Owns the best combination: one option for each unit, so that the gates opened and the fields fetched cost least.

Greedy first, then branch and bound. Invariant: the answer is never worse than the greedy one, and the same for the same
input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.planner.budget import Budget

SEARCH_LIMIT = 2_000

Slot = TypeVar("Slot")


@dataclass(frozen=True, slots=True)
class Option(Generic[Slot]):
    """One way to resolve a unit: the gate it goes through (None: no gate) and what it costs beyond opening that."""

    gate: Slot | None
    cost: int


def choose(units: Sequence[Sequence[Option[Slot]]], gate_cost: Mapping[Slot, int], budget: Budget) -> list[int]:
    """Index of the chosen option of each unit; every unit has at least one option."""
    order = sorted(range(len(units)), key=lambda index: len(units[index]))
    search = _Search([units[index] for index in order], gate_cost, budget)
    picked = search.best()
    result = [0] * len(units)
    for position, index in enumerate(order):
        result[index] = picked[position]
    return result


class _Search(Generic[Slot]):
    def __init__(self, units: Sequence[Sequence[Option[Slot]]], gate_cost: Mapping[Slot, int], budget: Budget) -> None:
        self._units = units
        self._gate_cost = gate_cost
        self._budget = budget
        self._ranked = [_by_cost(unit) for unit in units]
        self._suffix = [0] * (len(units) + 1)
        for at in range(len(units) - 1, -1, -1):
            self._suffix[at] = self._suffix[at + 1] + min(option.cost for option in units[at])
        self._left = SEARCH_LIMIT

    def best(self) -> list[int]:
        self._picked, self._cost = self._greedy()
        if any(len(unit) > 1 for unit in self._units):
            self._branch(0, 0, set(), [])
            self._budget.spend(SEARCH_LIMIT - self._left)
        return self._picked

    def _marginal(self, option: Option[Slot], opened: set[Slot]) -> int:
        if option.gate is None or option.gate in opened:
            return option.cost
        return option.cost + self._gate_cost[option.gate]

    def _greedy(self) -> tuple[list[int], int]:
        opened: set[Slot] = set()
        picked: list[int] = []
        total = 0
        for unit, ranked in zip(self._units, self._ranked, strict=True):
            costs = [self._marginal(option, opened) for option in unit]
            at = min(ranked, key=costs.__getitem__)
            total += costs[at]
            if (gate := unit[at].gate) is not None:
                opened.add(gate)
            picked.append(at)
        return picked, total

    def _branch(self, at: int, cost: int, opened: set[Slot], picked: list[int]) -> None:
        if self._left <= 0 or cost + self._suffix[at] >= self._cost:
            return
        if at == len(self._units):
            self._picked, self._cost = list(picked), cost
            return
        unit = self._units[at]
        for index in self._ranked[at]:
            self._left -= 1
            option = unit[index]
            step = self._marginal(option, opened)
            opens = option.gate is not None and option.gate not in opened
            if opens and option.gate is not None:
                opened.add(option.gate)
            picked.append(index)
            self._branch(at + 1, cost + step, opened, picked)
            picked.pop()
            if opens and option.gate is not None:
                opened.discard(option.gate)


def _by_cost(unit: Sequence[Option[Slot]]) -> list[int]:
    costs = [option.cost for option in unit]
    return sorted(range(len(unit)), key=costs.__getitem__)
