"""The generated references in docs/ are what the code says."""

from __future__ import annotations

import pytest

from scripts.engines.places import CHECKOUT
from scripts.references.__main__ import generated


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return generated()


@pytest.mark.parametrize(
    "name",
    [
        "supergraph.graphql",
        "schema.graphql",
        "settings.md",
        "error-codes.md",
        "permissions.md",
        "metrics.md",
        "asyncapi.json",
        "openapi.json",
    ],
)
def test_a_reference_is_current(fresh: dict[str, str], name: str) -> None:
    assert (CHECKOUT / "docs" / name).read_text() == fresh[f"docs/{name}"], "run ./scripts/contracts"
