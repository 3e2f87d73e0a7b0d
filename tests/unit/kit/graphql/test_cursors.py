from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from kit.graphql import decode_cursor, encode_cursor


@given(st.text(max_size=50), st.integers(min_value=-(2**53), max_value=2**53))
def test_a_cursor_is_read_back(text: str, number: int) -> None:
    assert decode_cursor("tasks", encode_cursor("tasks", text, number), str, int) == (text, number)


@given(st.text(max_size=600))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        decode_cursor("tasks", text, str)
    assert refused.value.code == "CURSOR_INVALID"


@pytest.mark.parametrize(
    "cursor", [encode_cursor("others", "a"), encode_cursor("tasks", 1), encode_cursor("tasks", "a", "b")]
)
def test_a_cursor_of_another_list_or_shape_is_refused(cursor: str) -> None:
    with pytest.raises(DomainError):
        decode_cursor("tasks", cursor, str)
