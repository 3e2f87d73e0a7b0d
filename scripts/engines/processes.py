"""Start and end operating-system processes that outlive the Python objects that started them.

A process is known by its pid together with its start time, so that a recycled pid is never signalled.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A pid and what tells it from a later process with the same number."""

    pid: int
    started: str


def spawn(argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> ProcessId:
    """Start `argv` in a session of its own (a Ctrl-C in the terminal does not reach it), output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    pid = os.posix_spawnp(
        argv[0],
        list(argv),
        dict(os.environ if env is None else env),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
    )
    return ProcessId(pid, started_at(pid) or "gone")


def started_at(pid: int) -> str | None:
    """The start time of a living process; None when there is none or it only waits to be reaped."""
    _reap(pid)
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, start = answer.stdout.strip().partition(" ")
    return start.strip() if start and not state.startswith("Z") else None


def is_alive(process: ProcessId) -> bool:
    """Whether exactly this process still runs."""
    return started_at(process.pid) == process.started


def terminate(process: ProcessId, *, grace: float, with_signal: signal.Signals = signal.SIGTERM) -> bool:
    """Ask it to end, kill it after `grace` seconds; True when it ended by itself."""
    _signal(process, with_signal)
    if _gone_within(process, grace):
        return True
    kill(process)
    return False


def kill(process: ProcessId) -> None:
    """SIGKILL it with the processes it started in its session; returns when it is gone."""
    if is_alive(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            _signal(process, signal.SIGKILL)
    _gone_within(process, 10.0)


def _signal(process: ProcessId, number: signal.Signals) -> None:
    if is_alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def _gone_within(process: ProcessId, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # not our child: whoever started it, or init, reaps it
