"""Selections merge without losing what was asked for, type by type."""

from __future__ import annotations

import pytest
from graphql import GraphQLError

from gateway.graph.conditions import literal
from gateway.graph.selection import Field, Fragment, SelectionSet, fields_on, merge, parse_field_set

POSSIBLE = {"Item": frozenset({"Book", "Film"}), "Book": frozenset({"Book"}), "Film": frozenset({"Film"})}


def text(selections: SelectionSet | None) -> str:
    assert selections is not None
    return selections.text


def test_a_field_set_keeps_arguments_and_fragments() -> None:
    parsed = parse_field_set('price(currency: "USD") item { ... on Book { id } }')
    assert parsed.text == '{price(currency: "USD") item {... on Book {id}}}'


def test_arguments_are_compared_in_any_order() -> None:
    assert parse_field_set("f(a: 1, b: 2)") == parse_field_set("f(b: 2, a: 1)")


def test_no_field_set_is_a_coded_error() -> None:
    with pytest.raises(GraphQLError):
        parse_field_set("a {")


def test_merging_joins_equal_fields_and_keeps_argument_sets_apart() -> None:
    merged = merge(parse_field_set("a { x } p(n: 1)"), parse_field_set("a { y } p(n: 2)"))
    assert text(merged) == "{a {x y} p(n: 1) p(n: 2)}"


def test_a_condition_of_one_of_two_equal_fields_moves_below() -> None:
    wanted = Field("a", "a", selections=parse_field_set("x"), condition=literal("v", True))
    merged = merge(SelectionSet([wanted]), parse_field_set("a { y }"))
    assert text(merged) == "{a {x if v y}}"


def test_fields_of_a_type_come_from_fragments_that_apply_to_it() -> None:
    selections = parse_field_set("id ... on Item { name } ... on Film { minutes } ... on Book { pages }")
    assert [field.name for field in fields_on(selections, "Book", POSSIBLE)] == ["id", "name", "pages"]


def test_contradicting_conditions_leave_nothing() -> None:
    inner = SelectionSet([Field("a", "a", condition=literal("v", False))])
    outer = SelectionSet([Fragment("Book", inner, literal("v", True))])
    assert fields_on(outer, "Book", POSSIBLE) == ()
