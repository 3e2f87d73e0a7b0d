"""The public audit itself, run from its checkout: `./scripts/test audit --dir CHECKOUT`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.conftest import Scores
from tests.audit.public import SOURCES, run_public_audit

CASES = 199

pytestmark = pytest.mark.timeout(1800)


@pytest.mark.parametrize("source", SOURCES)
def test_every_case_passes(source: str, checkout: Path, tmp_path: Path, scores: Scores) -> None:
    score = run_public_audit(checkout, source, tmp_path)
    scores.append((source, score))
    assert score.failed == {}
    assert (score.passed, score.total) == (CASES, CASES)
