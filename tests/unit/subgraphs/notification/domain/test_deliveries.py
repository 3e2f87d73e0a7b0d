"""What mail can be addressed to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain.deliveries import is_address
from tests.testkit.notification.samples import delivery


@pytest.mark.parametrize("text", ["bob@example.com", "b.o+b@mail.example.co", "a@b"])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bob",
        "@example.com",
        "bob@",
        "a@b@c",
        "bob@example.com\r\nBcc: eve@example.com",
        "bob@example.com, eve@example.com",
        "Bob <bob@example.com>",
        "bob@example.com\x00",
        "b" * 250 + "@example.com",
        "bøb@example.com",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_address(text)


@given(st.text())
def test_never_accepts_what_could_end_a_header(text: str) -> None:
    assert not is_address(f"bob@example.com\n{text}")
    assert not is_address(f"{text}\r@example.com")


def test_a_message_id_follows_from_the_delivery_alone() -> None:
    sample = delivery()
    assert sample.message_id == f"<{sample.id}@notification.taskflow>"
