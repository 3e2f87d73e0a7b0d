"""The command of development: comes up, is stable over restarts, restarts what dies, and ends without a trace."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.engines.places import CHECKOUT, cache_folder
from tests.testkit.waiting import eventually_now

SECONDS = 90.0
# The slow starters are said to be elsewhere: what is tested here is the same for every engine.
ELSEWHERE = {
    "TASKFLOW_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "TASKFLOW_TEMPORAL_ADDRESS": "127.0.0.1:1",
    "TASKFLOW_MONGO_URL": "mongodb://127.0.0.1:1",
}
Start = Callable[..., "Development"]


class Development:
    """One `./scripts/dev --engines-only` in a state folder of its own."""

    def __init__(self, state: Path, *words: str, **settings: str) -> None:
        self._output = state.parent / f"{secrets.token_hex(4)}.out"
        places = {"TASKFLOW_STATE": str(state), "TASKFLOW_CACHE": str(cache_folder())}
        environment = {**os.environ, **ELSEWHERE, **places, **settings}
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.stack", *words],
                cwd=CHECKOUT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self) -> "Development":
        eventually_now(lambda: self.said.endswith("ready\n") or self.process.poll() is not None, SECONDS)
        assert self.said.endswith("ready\n"), self.said
        return self

    def setting(self, name: str) -> str:
        found = re.search(rf"{name}\s+(\S+)", self.said)
        assert found is not None, self.said
        return found.group(1)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Development] = []

    def begin(*words: str, **settings: str) -> Development:
        started.append(Development(tmp_path / "state", *words, **settings))
        return started[-1]

    yield begin
    for one in started:
        one.process.send_signal(signal.SIGINT)
        one.process.wait(SECONDS)


@pytest.mark.timeout(240)
class TestEnginesOnly:
    def test_urls_and_data_are_the_same_after_a_restart(self, start: Start) -> None:
        first = start("--engines-only").wait_until_ready()
        url = first.setting("TASKFLOW_POSTGRES_OWNER_URL")
        assert first.interrupt() == 0
        second = start("--engines-only").wait_until_ready()
        assert second.setting("TASKFLOW_POSTGRES_OWNER_URL") == url

    def test_a_second_start_is_refused_while_the_first_runs(self, start: Start) -> None:
        first = start("--engines-only").wait_until_ready()
        second = start("--engines-only")
        assert second.process.wait(SECONDS) == 1
        assert f"already running (process {first.process.pid})" in second.said
        assert first.process.poll() is None

    def test_an_engine_that_is_given_is_not_started(self, start: Start, tmp_path: Path) -> None:
        given = start("--engines-only", TASKFLOW_REDIS_URL="redis://127.0.0.1:1/0").wait_until_ready()
        assert given.setting("TASKFLOW_REDIS_URL") == "redis://127.0.0.1:1/0"
        assert not (tmp_path / "state" / "dev" / "redis").exists()
