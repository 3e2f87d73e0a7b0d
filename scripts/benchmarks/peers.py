"""Other federation gateways (from npm) as processes to measure beside ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import CHECKOUT, cache_folder
from scripts.engines.progress import say

DEFINITION = CHECKOUT / "scripts" / "benchmarks" / "peers"
NEEDS_NPM = "npm is missing: apt-get install npm (it comes with https://nodejs.org)"


def provision() -> Path:
    """A folder with the peers installed. Raises EngineError when npm is missing or fails."""

    def fill(folder: Path) -> None:
        for file in DEFINITION.iterdir():
            shutil.copy(file, folder / file.name)
        run_tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, needs=NEEDS_NPM)

    pins = sorted(file for file in DEFINITION.iterdir() if file.is_file())
    return make_once(cache_folder() / f"peers-{fingerprint(*pins)}", "peers: fetching from npm (once)", fill, say)


def commands(folder: Path, supergraph: Path, port: int) -> dict[str, list[str]]:
    """What starts each peer on the port."""
    hive = str(folder / "node_modules" / ".bin" / "hive-gateway")
    return {
        "Apollo Gateway": ["node", "apollo.mjs", str(supergraph), str(port)],
        "Hive Gateway": [
            hive,
            "supergraph",
            str(supergraph),
            "--port",
            str(port),
            "--host",
            "127.0.0.1",
            "--config-path",
            "gateway.config.mjs",
        ],
    }


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The peer as a process, ended with the block."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid: int) -> list[int]:
    """The process and all that it started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat[1])
    found = [pid]
    for child in parents:
        ancestor = parents.get(child)
        while ancestor is not None and ancestor != pid:
            ancestor = parents.get(ancestor)
        if ancestor == pid:
            found.append(child)
    return found
