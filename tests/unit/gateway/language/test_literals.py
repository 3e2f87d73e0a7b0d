"""Literals keep what SDL says."""

from __future__ import annotations

import pytest
from graphql import parse_value
from hypothesis import given
from hypothesis import strategies as st

from gateway.language import literals
from gateway.language.literals import EnumLiteral, Literal

LITERALS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(st.characters(codec="utf-8")),
        st.sampled_from([EnumLiteral("RED"), EnumLiteral("GREEN")]),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner)),
)


@given(LITERALS)
def test_printed_literal_parses_back(value: Literal) -> None:
    assert literals.same(literals.from_node(parse_value(literals.text(value))), value)


@given(LITERALS, LITERALS)
def test_keys_are_equal_exactly_for_the_same_literals(left: Literal, right: Literal) -> None:
    assert (literals.key(left) == literals.key(right)) == literals.same(left, right)


def test_one_is_not_true_and_a_name_is_not_a_string() -> None:
    assert not literals.same(1, True)
    assert not literals.same(EnumLiteral("RED"), "RED")
    assert literals.same({"a": 1, "b": 2}, {"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1.0", "1"),
        ("1e0", "1"),
        ("1.50e3", "1500"),
        ("2.50", "2.5"),
        ("-0.5", "-0.5"),
        ("1e-7", "1e-7"),
        ("1e400", "1e400"),
    ],
)
def test_equal_numbers_have_one_spelling(written: str, shown: str) -> None:
    assert literals.text(literals.from_node(parse_value(written))) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(value: float) -> None:
    shown = literals.text(literals.from_node(parse_value(repr(value))))
    assert float(shown) == value
    assert literals.text(literals.from_node(parse_value(shown))) == shown
