"""One running engine: started on ports it keeps, known by a record on disk, so that any process can stop or restart it.

Invariant: while `running.json` names a living process, that process serves this folder; nobody starts a second one.
"""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.engine import Engine, EngineError, Place, read_json
from scripts.engines.locks import exclusive
from scripts.engines.ports import choose, is_free
from scripts.engines.processes import POLL_SECONDS, ProcessId, is_alive, kill, spawn, terminate
from scripts.engines.progress import Say, say
from scripts.engines.records import recorded, write_record

START_SECONDS = 60.0
STOP_SECONDS = 20.0
ATTEMPTS = 3
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Server:
    """An engine in a folder."""

    engine: Engine
    folder: Path
    cache: Path

    @property
    def place(self) -> Place:
        """Where it is, with the ports it was given at its first start."""
        return Place(self.folder, self.cache, read_json(self.folder / "ports.json"))

    def process(self) -> ProcessId | None:
        """The living server process, if any."""
        return recorded(self.folder / "running.json")

    def environment(self) -> dict[str, str]:
        """The settings by which our processes find it."""
        return self.engine.environment(self.place)

    def start(self, tell: Say = say) -> None:
        """Serve, on the remembered ports if they are free; a no-op while it runs. EngineError shows its last lines."""
        with exclusive(self.folder / "start.lock"):
            if self.process() is not None:
                return
            self.engine.provision(self.cache, tell)
            for attempt in range(1, ATTEMPTS + 1):
                self._keep_ports()
                self._create_data()
                if self._started():
                    return
                # Both pass: a port taken between choice and bind, and children that a killed server left for a moment.
                if attempt == ATTEMPTS:
                    raise EngineError(f"{self.engine.name} did not start; it said:\n{last_lines(self.place.log)}")
                time.sleep(RETRY_SECONDS)

    def stop(self) -> None:
        """End it cleanly (SIGKILL after 20 s). Its data and ports stay for the next start."""
        process = self.process()
        if process is not None:
            terminate(process, grace=STOP_SECONDS, with_signal=self.engine.stop_signal)
        (self.folder / "running.json").unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL, as a crash would: nothing is flushed, nobody is told."""
        process = self.process()
        if process is not None:
            kill(process)
        (self.folder / "running.json").unlink(missing_ok=True)

    def restart(self, tell: Say = say, patience: float = 10.0) -> None:
        """Start again on the same ports with the same data, after `kill` or `stop`, or of a running one.

        Raises EngineError when somebody else holds a port for longer than `patience` seconds.
        """
        before = dict(self.place.ports)
        self.stop()
        _wait_until_free(before, patience)
        self.start(tell)
        if dict(self.place.ports) != before:
            raise EngineError(f"{self.engine.name} lost its port {before}: another process took it meanwhile")

    def _keep_ports(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        remembered = self.folder / "ports.json"
        remembered.write_text(json.dumps(choose(self.engine.port_names, read_json(remembered))))

    def _create_data(self) -> None:
        place = self.place
        if place.data.exists():
            return
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.engine.create(place, unfinished)
        unfinished.rename(place.data)

    def _started(self) -> bool:
        place = self.place
        place.log.unlink(missing_ok=True)
        process = spawn(self.engine.command(place), log=place.log)
        write_record(self.folder / "running.json", process)
        deadline = time.monotonic() + START_SECONDS
        while is_alive(process) and time.monotonic() < deadline:
            if self.engine.is_ready(place):
                return True
            time.sleep(POLL_SECONDS)
        kill(process)
        return False


def last_lines(log: Path, count: int = 15) -> str:
    """The end of what a process printed, indented, for an error message."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (nothing)"


def _wait_until_free(ports: dict[str, int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not all(is_free(port) for port in ports.values()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
