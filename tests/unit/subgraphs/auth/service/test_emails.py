"""E-mail addresses: one form for one account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.auth.service import emails


@pytest.mark.parametrize(
    ("given_text", "form"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("ada+tasks@example.com", "ada+tasks@example.com"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@taskflow.test", "ada@taskflow.test"),
    ],
)
def test_spellings_of_an_address_have_one_form(given_text: str, form: str) -> None:
    assert emails.accept(given_text) == form


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@exa mple.com", "ada@example.com\r\nBcc: x@y.com",
     "ada@[127.0.0.1]", "x" * 300 + "@example.com", "ada\0@example.com", "\ud800@example.com", "Ada <ada@example.com>"],
)  # fmt: skip
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        emails.accept(text)
    assert (refused.value.code, list(refused.value.fields)) == ("BAD_INPUT", ["email"])


@given(st.emails())
def test_the_form_of_a_form_is_itself(address: str) -> None:
    form = emails.normalise(address)
    if form is not None:
        assert emails.normalise(form) == form
