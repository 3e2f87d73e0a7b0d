"""A server keeps ports and data over kill and restart, says why it does not start, and is started once."""

import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.engines.engine import Engine, EngineError, Place
from scripts.engines.ports import is_open
from scripts.engines.progress import Say
from scripts.engines.server import Server

SERVE = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
server.listen()
while True:
    server.accept()[0].close()
"""


@dataclass(frozen=True, slots=True)
class Tiny:
    """A server of ten lines."""

    code: str = SERVE
    name: str = "tiny"
    port_names: tuple[str, ...] = ("tcp",)
    stop_signal: signal.Signals = signal.SIGTERM

    def provision(self, cache: Path, tell: Say) -> None:
        cache.mkdir(exist_ok=True)

    def create(self, place: Place, data: Path) -> None:
        (data / "made").write_text("once")

    def command(self, place: Place) -> list[str]:
        return [sys.executable, "-c", self.code, str(place.ports["tcp"])]

    def is_ready(self, place: Place) -> bool:
        return is_open(place.ports["tcp"])

    def environment(self, place: Place) -> dict[str, str]:
        return {"TASKFLOW_TINY": str(place.ports["tcp"])}


def server(tmp_path: Path, engine: Engine | None = None) -> Server:
    return Server(engine or Tiny(), tmp_path / "tiny", tmp_path / "cache")


def test_it_comes_back_on_its_port_with_its_data_after_a_kill(tmp_path: Path) -> None:
    tiny = server(tmp_path)
    tiny.start()
    before = tiny.environment()
    (tiny.place.data / "made").write_text("changed")
    tiny.kill()
    assert tiny.process() is None
    tiny.restart()
    assert tiny.environment() == before
    assert (tiny.place.data / "made").read_text() == "changed"
    tiny.stop()


def test_two_racing_starts_make_one_process(tmp_path: Path) -> None:
    tiny = server(tmp_path)
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda _: tiny.start(), range(4)))
    first = tiny.process()
    tiny.start()
    assert tiny.process() == first
    tiny.stop()
    assert tiny.process() is None


def test_a_start_that_fails_shows_the_last_lines(tmp_path: Path) -> None:
    broken = server(tmp_path, Tiny(code="print('first'); raise SystemExit('disk is full')"))
    with pytest.raises(EngineError, match=r"tiny did not start(.|\n)*first\n    disk is full"):
        broken.start()
    assert broken.process() is None


def test_a_data_folder_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    tiny = server(tmp_path)
    (tmp_path / "tiny" / "data.new").mkdir(parents=True)
    (tmp_path / "tiny" / "data.new" / "half").touch()
    tiny.start()
    assert [file.name for file in tiny.place.data.iterdir()] == ["made"]
    tiny.stop()


def test_a_restart_onto_a_port_that_was_taken_is_said(tmp_path: Path) -> None:
    tiny = server(tmp_path)
    tiny.start()
    tiny.kill()
    with (
        socket.create_server(("127.0.0.1", tiny.place.ports["tcp"])),
        pytest.raises(EngineError, match="another process took it"),
    ):
        tiny.restart(patience=0.05)
    tiny.stop()
