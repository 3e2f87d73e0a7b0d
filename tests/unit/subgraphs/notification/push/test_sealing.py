"""What only one browser can read, by the example of RFC 8291 and by a reader of our own."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.notification.push.sealing import LONGEST_MESSAGE, seal
from tests.testkit.notification.push import Browser


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_of_the_specification() -> None:
    key = derive_private_key(int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), SECP256R1())
    body = seal(
        b"When I grow up, I want to be a watermelon",
        p256dh=raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        auth=raw("BTBZMqHH6r4Tts7J_aSIgg"),
        key=key,
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert urlsafe_b64encode(body).rstrip(b"=").decode() == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=LONGEST_MESSAGE))
@settings(max_examples=20)
def test_the_browser_reads_what_was_said(message: bytes) -> None:
    browser = Browser()
    assert browser.open(seal(message, browser.p256dh, browser.auth)) == message


def test_nobody_else_reads_it() -> None:
    browser, other = Browser(), Browser()
    body = seal(b"secret", browser.p256dh, browser.auth)
    with pytest.raises(InvalidTag):
        other.open(body)
    assert body != seal(b"secret", browser.p256dh, browser.auth)


def test_what_cannot_be_sealed_is_refused() -> None:
    browser = Browser()
    with pytest.raises(ValueError, match="does not fit"):
        seal(b"x" * (LONGEST_MESSAGE + 1), browser.p256dh, browser.auth)
    with pytest.raises(ValueError):  # noqa: PT011 - the library's words
        seal(b"x", b"\x04" + os.urandom(64), browser.auth)
