"""The page of codes is current."""

from __future__ import annotations

from pathlib import Path

from gateway.composition.catalogue import ERRORS, HINTS
from gateway.composition.catalogue_page import page

PAGE = Path(__file__).parents[4] / "docs" / "composition-errors.md"


def test_committed_page_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text() == page()


def test_every_code_is_declared_once_and_has_words() -> None:
    assert not set(ERRORS) & {code for code, hint in HINTS.items() if code not in ERRORS}
    assert all(entry.meaning.endswith(".") and entry.remedy.endswith(".") for entry in ERRORS.values())
    assert all(entry.meaning.endswith(".") for entry in HINTS.values())
