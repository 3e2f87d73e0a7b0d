"""What an answer shows of objects that are not as they should be."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.executor.errors import ErrorLog, gateway_error
from gateway.executor.projection import Projector
from gateway.planner.nodes import ProjectedField, Projection, TypeShape

NULLABLE = TypeShape((True,))
PAGES = ProjectedField("pages", "pages", NULLABLE, frozenset({"Book"}), (("wanted", True),))
ID = ProjectedField("id", "id", NULLABLE)
MEDIA = ProjectedField("media", "media", NULLABLE, children=Projection((ID, PAGES)), possible_types=frozenset({"Book"}))


def shown(data: dict[str, Any], errors: ErrorLog, wanted: bool = True) -> Any:
    return Projector({"wanted": wanted}, errors).project(Projection((MEDIA,), "Query"), data)


def test_an_object_whose_type_could_not_be_had_is_null_with_an_error() -> None:
    errors = ErrorLog()
    assert shown({"media": {"id": "1"}}, errors) == {"media": None}
    assert [error["path"] for error in errors.entries] == [["media"]]


def test_the_error_that_took_the_type_is_enough() -> None:
    errors = ErrorLog([gateway_error("FAILED", "pages failed", ("media", "pages"))])
    assert shown({"media": {"id": "1"}}, errors) == {"media": None}
    assert len(errors.entries) == 1


@pytest.mark.parametrize("typename", [{"__typename": "Book"}, {}])
def test_a_type_that_nothing_depends_on_may_be_unknown(typename: dict[str, str]) -> None:
    errors = ErrorLog()
    assert shown({"media": {"id": "1", **typename}}, errors, wanted=False) == {"media": {"id": "1"}}
    assert errors.entries == []
