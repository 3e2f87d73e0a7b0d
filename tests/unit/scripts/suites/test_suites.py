"""The words of `./scripts/test` and the lines it prints."""

from pathlib import Path

import pytest

from scripts.suites.__main__ import main, usage
from scripts.suites.steps import Outcome, Running, Step, line_of
from scripts.suites.table import LONG_FORM, SUITES, suite_named


def test_every_word_is_in_the_usage() -> None:
    assert all(suite.word in usage() for suite in SUITES)


def test_only_folders_that_exist_are_run(tmp_path: Path) -> None:
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    unit = suite_named("unit")
    assert unit is not None
    assert unit.present(tmp_path) == ["tests/unit"]


def test_long_forms_belong_to_suites() -> None:
    assert all(suite_named(word) for word in LONG_FORM)


def test_an_unknown_word_is_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["uint"]) == 2
    assert "no suite 'uint' here" in capsys.readouterr().err


def test_a_failed_step_shows_what_it_said() -> None:
    shown: list[str] = []
    outcome = Running(Step("types", ("sh", "-c", "echo wrong type; exit 1"))).finish(shown.append)
    assert not outcome.passed
    assert shown[0] == "wrong type"
    assert shown[1].startswith("[FAILED] types: ")


def test_a_passed_step_is_one_line() -> None:
    shown: list[str] = []
    assert Running(Step("lint", ("sh", "-c", "echo fine"))).finish(shown.append).passed
    assert len(shown) == 1


def test_the_line_of_a_step_tells_its_time() -> None:
    assert line_of(Outcome("lint", passed=True, seconds=1.26)) == "[ok] lint: 1.3 s"
