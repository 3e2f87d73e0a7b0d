"""A process that ends is started again after a growing pause; stopping is clean and final."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.engines.records import recorded
from scripts.engines.run import PROCESSES
from scripts.stack.supervisor import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, Command, Supervisor, pause_after
from tests.testkit.waiting import eventually_now

STEADY = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def command(name: str, code: str) -> Command:
    return Command(name, (sys.executable, "-c", code), dict(os.environ))


class Told(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def supervisor(tmp_path: Path, told: Told) -> Iterator[Supervisor]:
    kept = Supervisor(tmp_path, told, drain_seconds=0.5)
    yield kept
    kept.close()


def test_a_killed_process_comes_back_and_it_is_said(supervisor: Supervisor, told: Told) -> None:
    supervisor.start([command("task-1", STEADY)])
    eventually_now(lambda: supervisor.log("task-1").exists() and supervisor.log("task-1").read_text() == "up\n")
    supervisor.kill("task-1")
    eventually_now(lambda: supervisor.restarts("task-1") == 1 and supervisor.is_running("task-1"))
    assert told[0].startswith("task-1 ended after ")
    assert "up" in told[1]


def test_a_stopped_process_stays_away_until_it_is_wanted(supervisor: Supervisor) -> None:
    supervisor.start([command("a", STEADY), command("b", STEADY)])
    assert supervisor.stop("a")
    assert not supervisor.is_running("a")
    assert supervisor.is_running("b")
    supervisor.resume("a")
    assert supervisor.is_running("a")


def test_a_killed_process_can_be_kept_down(supervisor: Supervisor) -> None:
    supervisor.start([command("a", STEADY)])
    supervisor.kill("a", stay_down=True)
    assert not supervisor.is_running("a")
    supervisor.resume("a")
    assert supervisor.is_running("a")


def test_closing_names_those_that_had_to_be_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start([command("meek", STEADY), command("stubborn", STUBBORN)])
    eventually_now(lambda: supervisor.log("stubborn").exists() and supervisor.log("stubborn").read_text() == "up\n")
    assert supervisor.close() == ["stubborn"]
    assert list((tmp_path / PROCESSES).iterdir()) == []


def test_the_log_of_the_start_before_is_kept_beside_the_new_one(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "a.log").write_text("before")
    supervisor.start([command("a", STEADY)])
    eventually_now(lambda: supervisor.log("a").exists() and supervisor.log("a").read_text() == "up\n")
    assert (tmp_path / "log" / "a.log.1").read_text() == "before"


def test_a_running_process_is_on_record(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start([command("a", STEADY)])
    assert recorded(tmp_path / PROCESSES / "a.json") is not None


@given(life=st.floats(0, STEADY_SECONDS * 2), before=st.floats(FIRST_PAUSE, LONGEST_PAUSE))
def test_the_pause_grows_while_it_keeps_ending_and_is_reset_by_a_steady_life(life: float, before: float) -> None:
    pause = pause_after(life, before)
    assert FIRST_PAUSE <= pause <= LONGEST_PAUSE
    assert pause == FIRST_PAUSE if life >= STEADY_SECONDS else pause >= before
