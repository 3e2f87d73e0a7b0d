"""A run has one owner, an engine named in the environment replaces ours, and dead runs are swept away."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.engines.engine import EngineError
from scripts.engines.locks import Claim
from scripts.engines.places import CHECKOUT
from scripts.engines.processes import is_alive, spawn
from scripts.engines.records import recorded, write_record
from scripts.engines.run import PROCESSES, EngineSet, open_run, replaced, sweep
from tests.testkit.waiting import eventually_now

OWNER = """
import sys, time
from pathlib import Path
from scripts.engines.run import open_run
run = open_run(Path(sys.argv[1]), keep=False)
print("owned", flush=True)
time.sleep(60)
"""


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", keep=False)
    with pytest.raises(EngineError, match=f"already running \\(process {os.getpid()}\\)"):
        open_run(tmp_path / "run", keep=False)
    run.close()
    assert not (tmp_path / "run").exists()


def test_a_run_that_keeps_its_data_leaves_the_folder(tmp_path: Path) -> None:
    open_run(tmp_path / "run", keep=True).close()
    assert (tmp_path / "run").exists()
    open_run(tmp_path / "run", keep=True).close()


def test_the_guard_ends_what_a_killed_owner_left(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, cwd=CHECKOUT)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"owned\n"
    orphan = spawn(["sleep", "60"], log=tmp_path / "log")
    write_record(folder / PROCESSES / "orphan.json", orphan)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    eventually_now(lambda: not is_alive(orphan) and not folder.exists())


def test_dead_runs_are_swept_and_living_ones_stay(tmp_path: Path) -> None:
    orphan = spawn(["sleep", "60"], log=tmp_path / "log")
    write_record(tmp_path / "runs" / "dead" / PROCESSES / "orphan.json", orphan)
    living = Claim(tmp_path / "runs" / "living" / "owner.lock")
    assert living.take()
    sweep(tmp_path / "runs")
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["living"]
    assert not is_alive(orphan)
    living.release()


def test_a_url_in_the_environment_replaces_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_REDIS_URL", "redis://elsewhere/0")
    engines = EngineSet(tmp_path, tmp_path)
    assert engines.environment("redis") == {"TASKFLOW_REDIS_URL": "redis://elsewhere/0"}
    assert engines.is_replaced("redis")
    assert not (tmp_path / "redis").exists()


def test_the_owner_url_comes_along_with_the_application_url() -> None:
    both = {"TASKFLOW_POSTGRES_URL": "postgresql://a", "TASKFLOW_POSTGRES_OWNER_URL": "postgresql://o", "PATH": "/"}
    assert replaced("postgres", both) == {k: v for k, v in both.items() if k != "PATH"}
    assert replaced("postgres", {"TASKFLOW_POSTGRES_OWNER_URL": "postgresql://o"}) == {}


def test_a_record_that_was_cut_off_is_no_process(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"pid": 1')
    assert recorded(tmp_path / "running.json") is None
