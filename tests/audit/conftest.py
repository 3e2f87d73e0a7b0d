"""The public audit runs only where its checkout is named with `--dir`; its scores are printed at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.public import SOURCES, Score

Scores = list[tuple[str, Score]]
_SCORES = pytest.StashKey[Scores]()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves the public audit out of runs that have no checkout of it."""
    return True if collection_path.name == "test_public_audit.py" and config.getoption("--dir") is None else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each run of the public audit."""
    for source, score in config.stash.get(_SCORES, []):
        terminalreporter.write_line(f"public audit, {SOURCES[source].meaning}: {score.passed}/{score.total}")
        for name, marks in score.failed.items():
            terminalreporter.write_line(f"  {name}: {marks or 'nothing ran'}")


@pytest.fixture
def scores(pytestconfig: pytest.Config) -> Scores:
    """What the runs scored so far."""
    return pytestconfig.stash.setdefault(_SCORES, [])


@pytest.fixture
def checkout(pytestconfig: pytest.Config) -> Path:
    """The audit's checkout."""
    return Path(str(pytestconfig.getoption("--dir"))).resolve()
