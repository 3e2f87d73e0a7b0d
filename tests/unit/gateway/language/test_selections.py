"""Field sets."""

from __future__ import annotations

import pytest

from gateway.language.selections import InvalidSelection, flat, parse_field_set, print_selections


@pytest.mark.parametrize("text", ["id", "id organization { id }", "... on A { b(x: 1) }", "a: b c { d { e } }"])
def test_printed_field_set_is_the_field_set(text: str) -> None:
    assert print_selections(parse_field_set(text)) == text


def test_outer_braces_are_optional() -> None:
    assert parse_field_set("{ id }") == parse_field_set("id")


def test_flat_yields_every_field_outer_ones_first() -> None:
    assert [field.name for field in flat(parse_field_set("a { b } ... on C { d }"))] == ["a", "b", "d"]


@pytest.mark.parametrize("text", ["", "a {", "a { }", "...Named", "a } query B { c", "(", "a" + "{ a" * 3000])
def test_what_is_no_field_set_is_refused(text: str) -> None:
    with pytest.raises(InvalidSelection):
        parse_field_set(text)
