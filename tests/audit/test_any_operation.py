"""Whatever operation a client sends, it is prepared or refused with a code."""

from __future__ import annotations

import pytest

from gateway.pipeline.answer import RequestRefused
from gateway.pipeline.prepare import PrepareOptions, Preparer
from tests.audit.suites import cases, planner, suite
from tests.composition.slips import damage

PARTS = 4
SHORT, LONG = 100, 5000  # seeds of one part


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_operations(part: int, long_form: bool) -> None:
    known = cases()
    for seed in range(part, PARTS * (LONG if long_form else SHORT), PARTS):
        name, number = known[seed % len(known)]
        on = planner(name)
        preparer = Preparer(on.supergraph.api_schema, on.plan, PrepareOptions())
        codes = codes_of(preparer, damage(seed, suite(name).cases[number]["query"]))
        assert all(codes), f"seed {seed}"


def codes_of(preparer: Preparer, text: str) -> list[str | None]:
    """Those of a refusal; anything else that is raised is a fault of ours."""
    try:
        preparer.prepare(text, None)
    except RequestRefused as refused:
        return [error["extensions"].get("code") for error in refused.errors]
    return []
