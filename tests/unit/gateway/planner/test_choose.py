"""The best combination is the cheapest one, found within its budget."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.planner.budget import Budget
from gateway.planner.choose import Option, choose
from gateway.planner.errors import TooComplex

GATES = ("a", "b", "c")
COSTS = {"a": 1000, "b": 1000, "c": 1500}
options = st.lists(st.builds(Option, st.sampled_from([None, *GATES]), st.integers(1, 40)), min_size=1, max_size=4)


def cost(units: list[list[Option[str]]], picked: list[int] | tuple[int, ...]) -> int:
    taken = [unit[at] for unit, at in zip(units, picked, strict=True)]
    return sum(option.cost for option in taken) + sum(COSTS[gate] for gate in {o.gate for o in taken} if gate)


@given(st.lists(options, max_size=4))
def test_no_combination_is_cheaper(units: list[list[Option[str]]]) -> None:
    picked = choose(units, COSTS, Budget())
    best = min(cost(units, other) for other in product(*(range(len(unit)) for unit in units)))
    assert cost(units, picked) == best


def test_one_gate_for_all_beats_one_for_each() -> None:
    units = [[Option("a", 1), Option("c", 1)], [Option("b", 1), Option("c", 1)]]
    assert choose(units, COSTS, Budget()) == [1, 1]


def test_a_search_beyond_the_budget_ends_with_a_coded_error() -> None:
    units = [[Option(gate, 1) for gate in GATES] for _ in range(6)]
    with pytest.raises(TooComplex) as ended:
        choose(units, COSTS, Budget(2))
    assert ended.value.code == "QUERY_PLAN_TOO_COMPLEX"
