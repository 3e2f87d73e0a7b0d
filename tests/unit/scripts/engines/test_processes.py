"""Processes are started, told apart from later ones with the same pid, and ended."""

import os
import signal
import sys
from pathlib import Path

from scripts.engines.processes import ProcessId, is_alive, kill, spawn, started_at, terminate
from tests.testkit.waiting import eventually_now

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(code: str, log: Path) -> ProcessId:
    return spawn([sys.executable, "-c", code], log=log)


def test_output_and_errors_go_to_the_log(tmp_path: Path) -> None:
    process = python("import sys; print('out'); print('err', file=sys.stderr)", tmp_path / "log")
    eventually_now(lambda: not is_alive(process))
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


def test_a_process_that_obeys_ends_by_itself(tmp_path: Path) -> None:
    process = python("import time; time.sleep(60)", tmp_path / "log")
    assert is_alive(process)
    assert terminate(process, grace=10.0)
    assert not is_alive(process)


def test_a_process_that_does_not_obey_is_killed(tmp_path: Path) -> None:
    process = python(STUBBORN, tmp_path / "log")
    eventually_now(lambda: (tmp_path / "log").read_text() == "up\n")
    assert not terminate(process, grace=0.1)
    assert not is_alive(process)


def test_a_kill_takes_the_children_along(tmp_path: Path) -> None:
    code = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    process = python(code, tmp_path / "log")
    eventually_now(lambda: (tmp_path / "log").read_text().endswith("\n"))
    child = int((tmp_path / "log").read_text())
    kill(process)
    eventually_now(lambda: started_at(child) is None)


def test_another_process_with_the_same_pid_is_left_alone() -> None:
    impostor = ProcessId(os.getpid(), "another time")
    assert not is_alive(impostor)
    assert terminate(impostor, grace=0.0)


def test_a_signal_can_be_chosen(tmp_path: Path) -> None:
    code = (
        "import signal, time\ntry:\n print('up', flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n print('int')"
    )
    process = python(code, tmp_path / "log")
    eventually_now(lambda: (tmp_path / "log").read_text() == "up\n")
    assert terminate(process, grace=10.0, with_signal=signal.SIGINT)
    assert (tmp_path / "log").read_text() == "up\nint\n"
