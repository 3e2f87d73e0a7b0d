"""The public audit itself, run from its checkout: `./scripts/test audit --dir CHECKOUT`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.public import SOURCES, run_public_audit

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("source", SOURCES)
def test_every_case_passes(source: str, checkout: Path, tmp_path: Path) -> None:
    score = run_public_audit(checkout, source, tmp_path)
    assert score.failed == []
    assert score.passed == 199
