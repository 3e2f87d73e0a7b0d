"""The public audit runs only where its checkout is named with `--dir`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves the public audit out of runs that have no checkout of it."""
    return True if collection_path.name == "test_public_audit.py" and config.getoption("--dir") is None else None


@pytest.fixture
def checkout(pytestconfig: pytest.Config) -> Path:
    """The audit's checkout, with its dependencies installed and Node 22 on the path or among them."""
    return Path(str(pytestconfig.getoption("--dir"))).resolve()
