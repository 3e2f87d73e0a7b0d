"""A cached folder is complete or absent, and made once however many ask for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts.engines.engine import EngineError
from scripts.engines.once import fingerprint, make_once, run_tool


def quiet(line: str) -> None:
    assert line


def test_racing_callers_fill_it_once(tmp_path: Path) -> None:
    filled: list[Path] = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        time.sleep(0.05)  # long enough for the others to arrive
        (folder / "jar").touch()

    with ThreadPoolExecutor(max_workers=4) as pool:
        folders = list(pool.map(lambda _: make_once(tmp_path / "jars", "jars", fill, quiet), range(4)))
    assert len(filled) == 1
    assert all((folder / "jar").exists() for folder in folders)


def test_a_failed_fill_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise EngineError("no network")

    with pytest.raises(EngineError):
        make_once(tmp_path / "jars", "jars", fail, quiet)
    assert not (tmp_path / "jars").exists()
    made = make_once(tmp_path / "jars", "jars", lambda folder: (folder / "whole").touch(), quiet)
    assert [file.name for file in made.iterdir()] == ["whole"]


def test_a_changed_pin_is_another_folder(tmp_path: Path) -> None:
    pin = tmp_path / "pom.xml"
    pin.write_text("1")
    before = fingerprint(pin)
    pin.write_text("2")
    assert fingerprint(pin) != before


def test_a_missing_tool_is_said_in_its_own_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"^Frobnicator is missing: get it$"):
        run_tool(["frobnicator-of-nobody"], cwd=tmp_path, needs="Frobnicator is missing: get it")


def test_a_failing_tool_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"failed \(3\):\n.*oh no"):
        run_tool(["sh", "-c", "echo oh no; exit 3"], cwd=tmp_path, needs="")
