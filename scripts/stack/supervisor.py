"""Keeps processes running: one that ends is started again after a pause that grows while it keeps ending.

Each process has a record on disk, so that the guard of the run can end it should the supervisor itself die.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts.engines.processes import ProcessId, is_alive, kill, spawn, terminate
from scripts.engines.progress import Say
from scripts.engines.records import DRAIN_SECONDS, write_record
from scripts.engines.run import PROCESSES
from scripts.engines.server import last_lines

POLL_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
STEADY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Command:
    """A process to keep running."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Kept:
    command: Command
    wanted: bool = True
    process: ProcessId | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    restarts: int = 0


def pause_after(life: float, before: float) -> float:
    """How long to wait before the next start of a process that lived `life` seconds."""
    return FIRST_PAUSE if life >= STEADY_SECONDS else min(before * 2, LONGEST_PAUSE)


@dataclass
class Supervisor:
    """Runs in a thread of its own from `start` to `close`."""

    folder: Path
    tell: Say
    clock: Callable[[], float] = time.monotonic
    drain_seconds: float = DRAIN_SECONDS
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, commands: list[Command]) -> None:
        """Start all, in the order given, without waiting for any of them."""
        for command in commands:
            self._kept[command.name] = _Kept(command)
            log = self.log(command.name)
            if log.exists():
                log.replace(log.with_suffix(".log.1"))
        self._look()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    @property
    def names(self) -> list[str]:
        """All processes it keeps."""
        return list(self._kept)

    def is_running(self, name: str) -> bool:
        """Whether it lives now."""
        kept = self._kept[name]
        return kept.process is not None and is_alive(kept.process)

    def pid(self, name: str) -> int:
        """The process's id. Raises LookupError while it does not run."""
        process = self._kept[name].process
        if process is None:
            raise LookupError(name)
        return process.pid

    def restarts(self, name: str) -> int:
        """How often it had to be started again."""
        return self._kept[name].restarts

    def log(self, name: str) -> Path:
        """What the process prints, over all its restarts; `.log.1` beside it is that of the start before."""
        return self.folder / "log" / f"{name}.log"

    def kill(self, name: str, *, stay_down: bool = False) -> None:
        """SIGKILL, as a crash would; it is started again after the usual pause, or by `resume`."""
        with self._lock:
            kept = self._kept[name]
            if kept.process is not None:
                kill(kept.process)
            if stay_down:
                kept.wanted, kept.process = False, None

    def stop(self, name: str) -> bool:
        """SIGTERM, and it stays away until `resume`; True when it ended by itself in time."""
        with self._lock:
            kept = self._kept[name]
            kept.wanted = False
            process, kept.process = kept.process, None
        ended = terminate(process, grace=self.drain_seconds) if process is not None else True
        self._record_of(name).unlink(missing_ok=True)
        return ended

    def resume(self, name: str) -> None:
        """Start again what `stop` stopped."""
        with self._lock:
            self._kept[name].wanted = True
            self._kept[name].due = 0.0
            self._look()

    def close(self) -> list[str]:
        """Stop all at once; the names of those that had to be killed."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        with ThreadPoolExecutor(max_workers=len(self._kept) or 1) as pool:
            return [name for name, ended in zip(self._kept, pool.map(self.stop, self._kept), strict=True) if not ended]

    def _watch(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            self._look()

    def _look(self) -> None:
        with self._lock:
            for name, kept in self._kept.items():
                if kept.process is not None and not is_alive(kept.process):
                    self._schedule(name, kept)
                if kept.wanted and kept.process is None and self.clock() >= kept.due:
                    self._launch(name, kept)

    def _schedule(self, name: str, kept: _Kept) -> None:
        life = self.clock() - kept.started
        kept.process = None
        kept.due = self.clock() + kept.pause
        kept.restarts += 1
        self.tell(f"{name} ended after {life:.1f} s; starting it again in {kept.pause:.1f} s. Its last lines:")
        self.tell(last_lines(self.log(name), 6))
        kept.pause = pause_after(life, kept.pause)

    def _launch(self, name: str, kept: _Kept) -> None:
        kept.started = self.clock()
        kept.process = spawn(kept.command.argv, log=self.log(name), env=kept.command.environment)
        write_record(self._record_of(name), kept.process)

    def _record_of(self, name: str) -> Path:
        return self.folder / PROCESSES / f"{name}.json"
