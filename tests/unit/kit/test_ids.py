"""Ids sort by time, and derived ids repeat."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from kit.ids import derive_id, new_id, parse_id


def test_new_ids_are_version_seven_and_ascend() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {one.version for one in ids} == {7}
    assert ids == sorted(ids)


@given(st.lists(st.text()), st.lists(st.text()))
def test_derived_ids_are_equal_exactly_when_their_parts_are(one: list[str], two: list[str]) -> None:
    assert (derive_id(*one) == derive_id(*two)) == (one == two)


def test_only_the_canonical_spelling_is_an_id() -> None:
    one = uuid4()
    assert parse_id(str(one)) == one
    assert parse_id(one.hex) is None
    assert parse_id("{" + str(one) + "}") is None
    assert parse_id("nonsense") is None
