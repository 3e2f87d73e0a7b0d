"""Options of the test run: the long form, random seeds, and cases that lie outside the checkout."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("taskflow")
    group.addoption("--long", action="store_true", help="the long form of the tests that have one")
    group.addoption("--seeds", type=int, default=None, help="how many random cases a differential test tries")
    group.addoption("--dir", type=Path, default=None, help="a folder with further audit cases")


@pytest.fixture(scope="session")
def long_form(pytestconfig: pytest.Config) -> bool:
    """Whether the long form was asked for."""
    return bool(pytestconfig.getoption("--long"))
