"""The catalogue names every code once."""

from __future__ import annotations

from proto.codes import CATALOGUE, Kind


def test_codes_are_upper_snake_and_explained() -> None:
    for name, code in CATALOGUE.items():
        assert name == code.name
        assert name.replace("_", "").isalpha()
        assert name.isupper()
        assert code.meaning.endswith(".")


def test_every_kind_has_a_code() -> None:
    assert {code.kind for code in CATALOGUE.values()} == set(Kind)
