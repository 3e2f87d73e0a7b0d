"""Passwords: length counts characters, nothing is cut, common ones are refused, spellings of one are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.auth.domain import passwords

COMMON = frozenset({"password1234", "iloveyou"})
EMAIL = "ada.lovelace@example.com"


def _accepted(password: str) -> str:
    return passwords.accept(password, EMAIL, COMMON)


@pytest.mark.parametrize(
    "password",
    ["pässwörd", "p" + "ab" * 63 + "c", "with a space", "null\0byte", "数据库工程师考试题", "🐎🔋🧷✅🐎🔋🧷✅"],
)
def test_eight_to_128_characters_of_any_script_are_accepted_uncut(password: str) -> None:
    assert _accepted(password) == password


@pytest.mark.parametrize("password", ["", "seven77", "x" * 129, "ab" * 5_000_000, "\ud800 lone surrogate"])
def test_other_lengths_and_broken_text_are_weak(password: str) -> None:
    with pytest.raises(DomainError) as refused:
        _accepted(password)
    assert refused.value.code == "PASSWORD_WEAK"
    assert password[:20] not in refused.value.message or not password


@pytest.mark.parametrize(
    "password", ["iloveyou", "ILoveYou", "PassWord1234", EMAIL, "ada.lovelace", "aaaaaaaa", "abababab"]
)
def test_what_is_guessed_first_is_weak(password: str) -> None:
    with pytest.raises(DomainError) as refused:
        _accepted(password)
    assert refused.value.code == "PASSWORD_WEAK"


def test_two_spellings_of_the_same_letters_are_one_password() -> None:
    assert passwords.normalise("Ångström 12") == passwords.normalise("A\u030angstro\u0308m 12")


def test_letters_that_grow_by_normalising_cannot_pass_the_limit() -> None:
    assert passwords.normalise("\ufdfa" * 100) is None


@given(st.text(min_size=1, max_size=200))
def test_what_is_accepted_is_what_a_login_finds(password: str) -> None:
    try:
        accepted = _accepted(password)
    except DomainError:
        return
    assert passwords.normalise(password) == accepted
    assert passwords.normalise(accepted) == accepted
