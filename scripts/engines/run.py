"""One set of engines, shared by the processes of a run through its folder; whoever ends the run stops them all.

A run is owned by the process that called `open_run`. Should that process die without a word, a guard (a small process
that waits for the end of a pipe) stops the engines in its place.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.catalogue import ENGINES, REPLACED_BY
from scripts.engines.engine import EngineError
from scripts.engines.locks import Claim
from scripts.engines.places import CHECKOUT, cache_folder
from scripts.engines.progress import Say, say
from scripts.engines.records import end_recorded
from scripts.engines.server import Server

PROCESSES = "processes"  # records of processes that use the engines of this folder


@dataclass(frozen=True, slots=True)
class EngineSet:
    """The engines below `folder`, started on demand."""

    folder: Path
    cache: Path

    def server(self, name: str) -> Server:
        """The engine's server, started or not: to kill and restart it."""
        return Server(ENGINES[name], self.folder / name, self.cache)

    def environment(self, name: str, tell: Say = say) -> dict[str, str]:
        """The settings of a running `name`: of the one given in the environment, else of ours, started if need be."""
        given = replaced(name, os.environ)
        if given:
            return given
        server = self.server(name)
        server.start(tell)
        return server.environment()

    def is_replaced(self, name: str) -> bool:
        """Whether the environment names another one to use."""
        return bool(replaced(name, os.environ))

    def start_all(self, names: Iterable[str], tell: Say = say) -> dict[str, str]:
        """Start several at once and return all their settings. Raises EngineError with every failure."""
        wanted = list(names)
        with ThreadPoolExecutor(max_workers=len(wanted) or 1) as pool:
            futures = [pool.submit(self.environment, name, tell) for name in wanted]
        failures = [str(error) for future in futures if (error := future.exception()) is not None]
        if failures:
            raise EngineError("\n".join(failures))
        return {key: value for future in futures for key, value in future.result().items()}

    def stop_all(self) -> None:
        """Stop what runs, all at once; first the processes of ours that a supervisor left behind by dying."""
        end_recorded(self.folder / PROCESSES)
        with ThreadPoolExecutor(max_workers=len(ENGINES)) as pool:
            list(pool.map(lambda name: self.server(name).stop(), ENGINES))


def replaced(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings under which `environment` replaces an engine by another one; empty when it does not."""
    if not environment.get(REPLACED_BY[name]):
        return {}
    keys = [REPLACED_BY[name], *(["TASKFLOW_POSTGRES_OWNER_URL"] if name == "postgres" else [])]
    return {key: environment[key] for key in keys if environment.get(key)}


class OwnedRun:
    """A set of engines whose life is that of this object, or of this process when it dies first."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self.engines = EngineSet(folder, cache_folder())
        self._keep = keep
        self._claim = Claim(folder / "owner.lock")
        if not self._claim.take():
            raise EngineError(f"already running (process {self._claim.holder()})")
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "scripts.engines.guard", str(folder), "keep" if keep else "forget"],
            stdin=subprocess.PIPE,
            cwd=CHECKOUT,
            start_new_session=True,
        )

    def close(self) -> None:
        """Stop all engines; forget their data unless the run keeps it. Safe to call twice."""
        self.engines.stop_all()
        self._claim.release()
        self._guard.communicate()
        if not self._keep:
            shutil.rmtree(self.engines.folder, ignore_errors=True)


def open_run(folder: Path, *, keep: bool) -> OwnedRun:
    """Own `folder`. Raises EngineError when another living process does."""
    return OwnedRun(folder, keep=keep)


def sweep(parent: Path) -> None:
    """Remove the folders of runs whose owner and guard died together (a power cut, an out-of-memory kill)."""
    for folder in parent.iterdir() if parent.exists() else ():
        claim = Claim(folder / "owner.lock")
        if folder.is_dir() and claim.take():
            EngineSet(folder, cache_folder()).stop_all()
            shutil.rmtree(folder, ignore_errors=True)
            claim.release()
