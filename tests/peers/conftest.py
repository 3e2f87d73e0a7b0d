"""Prints at the end what each gateway scored."""

from __future__ import annotations

import pytest

Lines = list[str]
_LINES = pytest.StashKey[Lines]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)


@pytest.fixture
def lines(pytestconfig: pytest.Config) -> Lines:
    """Lines to print when all is over."""
    return pytestconfig.stash.setdefault(_LINES, [])
