"""What `./scripts/dev` refuses, in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.engines.places import CHECKOUT
from scripts.engines.run import open_run
from scripts.stack.__main__ import main


def test_a_second_start_says_who_runs_and_stops_nothing(tmp_path: Path) -> None:
    run = open_run(tmp_path / "dev", keep=False)
    try:
        second = subprocess.run(
            [sys.executable, "-m", "scripts.stack"],
            env={**os.environ, "TASKFLOW_STATE": str(tmp_path)},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        run.close()
    assert second.returncode == 1
    assert second.stderr == f"already running (process {os.getpid()})\n"


@pytest.mark.parametrize("word", ["0", "-1", "two"])
def test_fewer_than_one_replica_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--replicas", word])
    assert refused.value.code == 2
    assert f"{word} is not a number from 1 on" in capsys.readouterr().err
