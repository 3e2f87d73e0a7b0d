"""Type references as text."""

from __future__ import annotations

import pytest
from graphql import parse_type
from hypothesis import given
from hypothesis import strategies as st

from gateway.language import type_refs

REFERENCES = st.recursive(
    st.sampled_from(["User", "Int"]), lambda inner: st.one_of(inner.map(lambda ref: f"[{ref}]"), inner)
).flatmap(lambda ref: st.sampled_from([ref, f"{ref}!"]))


@given(REFERENCES)
def test_text_survives_the_parser(ref: str) -> None:
    assert type_refs.from_node(parse_type(ref)) == ref


@pytest.mark.parametrize("ref", ["User", "User!", "[User]", "[[User!]!]!"])
def test_named_type_is_found_and_replaced_inside_the_wrapping(ref: str) -> None:
    assert type_refs.named(ref) == "User"
    assert type_refs.renamed(ref, "Account") == ref.replace("User", "Account")


def test_item_takes_one_level_of_list_off() -> None:
    assert type_refs.item("[[User!]]!") == "[User!]"
    assert type_refs.nullable("[User!]!") == "[User!]"
