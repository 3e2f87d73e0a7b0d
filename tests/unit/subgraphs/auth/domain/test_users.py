"""Profiles: names are one clean line, locales and time zones are real ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.auth.domain.users import check_avatar_url, check_locale, check_time_zone, clean_name


def test_white_space_of_a_name_is_made_one() -> None:
    assert clean_name("displayName", "  Ada \t Lovelace\u00a0") == "Ada Lovelace"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "x" * 1_000_000, "a\0b", "a\x7fb", "a\u2066\ud800b"])
def test_other_names_are_refused_by_the_name_of_their_field(name: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean_name("displayName", name)
    assert (refused.value.code, list(refused.value.fields)) == ("BAD_INPUT", ["displayName"])


@given(st.text(max_size=150))
def test_a_clean_name_stays_as_it_is(text: str) -> None:
    try:
        name = clean_name("name", text)
    except DomainError:
        return
    assert clean_name("name", name) == name
    assert 0 < len(name) <= 100


@pytest.mark.parametrize("locale", ["en", "pt-BR", "zh-Hant", "zh-Hant-TW", "es-419", "fil"])
def test_language_tags_are_locales(locale: str) -> None:
    assert check_locale(locale) == locale


@pytest.mark.parametrize("locale", ["", "EN", "en_US", "en-us", "english", "en-US-", "../../etc"])
def test_other_text_is_no_locale(locale: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_locale(locale)
    assert list(refused.value.fields) == ["locale"]


def test_time_zones_are_those_of_the_iana() -> None:
    assert check_time_zone("Europe/Berlin") == "Europe/Berlin"
    for text in ("", "Mars/Olympus", "../UTC", "europe/berlin"):
        with pytest.raises(DomainError) as refused:
            check_time_zone(text)
        assert list(refused.value.fields) == ["timeZone"]


@pytest.mark.parametrize("url", ["https://pictures.example/ada.png", "https://x.example:8443/a?b=c&d=%20#e"])
def test_a_picture_is_at_an_https_address(url: str) -> None:
    assert check_avatar_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ada.png",
        "//pictures.example/ada.png",
        "http://pictures.example/ada.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://",
        "https:///ada.png",
        "https://ada:secret@pictures.example/ada.png",
        "https://pictures.example/a b.png",
        'https://pictures.example/"onload="x',
        "https://pictures.example/<script>",
        "https://pictures.example\\@evil.example/",
        "https://[::1",
        "https://pictures.example:99999/",
        "https://pictures.example/\n",
        "https://pictür.example/",
        "https://pictures.example/" + "a" * 2048,
    ],
)
def test_nothing_else_is(url: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_avatar_url(url)
    assert list(refused.value.fields) == ["avatarUrl"]
