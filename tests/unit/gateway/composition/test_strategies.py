"""Differing arguments of one directive become one."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphInput, compose
from gateway.composition.merge.strategies import conjunction, merge_values
from gateway.language.directives.spec import Strategy
from gateway.language.literals import Literal

HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@shareable", "@policy"])\n'


@pytest.mark.parametrize(
    ("strategy", "values", "merged"),
    [
        (Strategy.MAX, [1, 3, 2], 3),
        (Strategy.NULLABLE_MAX, [None, 4], 4),
        (Strategy.NULLABLE_MAX, [None, None], None),
        (Strategy.NULLABLE_AND, [True, False], False),
        (Strategy.NULLABLE_AND, [None, True], True),
        (Strategy.NULLABLE_UNION, [["a"], None, ["b", "a"]], ["a", "b"]),
        (Strategy.CONJUNCTION, [[["a", "b"], ["c"]], [["a"], ["d"]]], [["a", "b"], ["a", "c"], ["c", "d"]]),
    ],
)
def test_each_strategy(strategy: Strategy, values: list[Literal], merged: Literal) -> None:
    assert merge_values(strategy, values) == merged


def test_conjunction_keeps_only_the_weakest_alternatives() -> None:
    assert conjunction([[frozenset("a")], [frozenset("a"), frozenset("b")]]) == [("a",)]


def test_alternatives_that_explode_are_refused_with_a_code() -> None:
    inputs = [
        SubgraphInput(
            f"s{number}", HEAD + f'type Query {{ a: Int @shareable @policy(policies: [["x{number}"], ["y{number}"]]) }}'
        )
        for number in range(30)
    ]
    assert [error.code for error in compose(inputs).errors] == ["AUTH_REQUIREMENTS_TOO_COMPLEX"]
