"""Makes a cached folder once: complete or absent, however many runs race for it or die half-way."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.engines.engine import EngineError
from scripts.engines.locks import exclusive
from scripts.engines.progress import Say, step


def fingerprint(*files: Path) -> str:
    """A short name for the content of the pinning files: a changed pin is a new folder."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def make_once(folder: Path, what: str, fill: Callable[[Path], None], tell: Say) -> Path:
    """Return `folder`, filled by `fill` into a neighbour that is renamed when complete."""
    if folder.exists():
        return folder
    with exclusive(folder.with_name(f"{folder.name}.lock")):
        if folder.exists():
            return folder
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        with step(what, tell):
            fill(unfinished)
        unfinished.rename(folder)
    return folder


def run_tool(argv: Sequence[str], *, cwd: Path, needs: str) -> None:
    """Run a package tool; EngineError with its last lines, or with `needs` when it is not installed."""
    try:
        done = subprocess.run(
            argv, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=dict(os.environ)
        )
    except FileNotFoundError:
        raise EngineError(needs) from None
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise EngineError(f"{' '.join(argv[:3])} failed ({done.returncode}):\n{said}")
