"""The closing table is aligned over all its sections."""

from scripts.stack.table import render


def test_columns_are_aligned_over_all_sections() -> None:
    text = render([("Pages", [("Mail", "http://a")]), ("Health", [("gateway-1", "http://b")])])
    assert text == "Pages\n  Mail       http://a\n\nHealth\n  gateway-1  http://b"


def test_an_empty_section_is_left_out() -> None:
    assert render([("Pages", []), ("Logs", [("folder", "/x")])]) == "Logs\n  folder  /x"
