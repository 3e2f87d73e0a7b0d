"""Conditions mean what their truth tables say, and the clauses printed for them never overlap."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    any_of,
    both,
    disjoint,
    either,
    implies,
    literal,
    show,
    without,
)

NAMES = ("a", "b", "c")


def holds(condition: Condition, values: dict[str, bool]) -> bool:
    return any(all(values[name] is value for name, value in clause) for clause in condition)


def worlds() -> list[dict[str, bool]]:
    return [dict(zip(NAMES, values, strict=True)) for values in product((True, False), repeat=len(NAMES))]


literals = st.builds(literal, st.sampled_from(NAMES), st.booleans())
conditions = st.recursive(
    st.one_of(literals, st.just(ALWAYS)),
    lambda inner: st.one_of(st.builds(both, inner, inner), st.builds(either, inner, inner)),
    max_leaves=8,
)


@given(conditions, conditions)
def test_both_holds_when_both_hold(left: Condition, right: Condition) -> None:
    for values in worlds():
        assert holds(both(left, right), values) == (holds(left, values) and holds(right, values))


@given(conditions, st.one_of(conditions, st.just(NEVER)))
def test_without_holds_when_only_the_first_does(left: Condition, right: Condition) -> None:
    for values in worlds():
        assert holds(without(left, right), values) == (holds(left, values) and not holds(right, values))


@given(conditions, conditions)
def test_either_holds_when_one_holds(left: Condition, right: Condition) -> None:
    for values in worlds():
        assert holds(either(left, right), values) == (holds(left, values) or holds(right, values))


@given(conditions)
def test_exactly_one_disjoint_clause_holds_when_the_condition_does(condition: Condition) -> None:
    for values in worlds():
        holding = [clause for clause in disjoint(condition) if holds(frozenset({clause}), values)]
        assert len(holding) == holds(condition, values)


@given(conditions, conditions)
def test_implication_is_exact(left: Condition, right: Condition) -> None:
    expected = all(holds(right, values) for values in worlds() if holds(left, values))
    assert implies(left, right) == expected


def test_a_literal_and_its_opposite_always_hold_together_and_never_both() -> None:
    assert either(literal("a", True), literal("a", False)) is ALWAYS
    assert both(literal("a", True), literal("a", False)) == NEVER


def test_any_of_nothing_never_holds() -> None:
    assert any_of([]) == NEVER


def test_text_is_the_same_whatever_the_order() -> None:
    left = either(literal("b", False), both(literal("a", True), literal("c", True)))
    assert show(left) == " if !b|a&c"
    assert show(ALWAYS) == ""
