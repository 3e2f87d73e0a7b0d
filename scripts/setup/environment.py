"""The Python environment of this checkout: `.venv`, exactly what the hashed lock says.

The lock's fingerprint is written last, so an environment that was cut off half-way is completed by the next start.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from scripts.engines.locks import exclusive
from scripts.engines.places import CHECKOUT, state_folder
from scripts.engines.progress import step

LOCK = CHECKOUT / "requirements" / "dev.txt"
FOLDER = CHECKOUT / ".venv"
STAMP = FOLDER / "taskflow-lock"


class SetupError(Exception):
    """The environment cannot be made; the message is for the person at the terminal."""


def python() -> Path:
    """The interpreter of the environment."""
    return FOLDER / "bin" / "python"


def ensure() -> Path:
    """Make or update the environment if the lock changed since, and return its interpreter. Raises SetupError."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _is_current(wanted):
        return python()
    with exclusive(state_folder() / "environment.lock"):
        if not _is_current(wanted):
            with step("Python environment: installing the locked packages"):
                _make()
            STAMP.write_text(wanted)
    return python()


def pinned(package: str, lock: str) -> str:
    """The lines that pin `package` with its hashes in the text of a lock. Raises SetupError."""
    lines = iter(lock.splitlines())
    taken = [next((line for line in lines if line.startswith(f"{package}==")), "")]
    while taken[-1].endswith("\\"):
        taken.append(next(lines, ""))
    if not taken[0]:
        raise SetupError(f"{package} is not in {LOCK.name}")
    return "\n".join(taken)


def _is_current(wanted: str) -> bool:
    return python().exists() and STAMP.exists() and STAMP.read_text() == wanted


def _make() -> None:
    if not _works(python()):
        venv.create(FOLDER, clear=True, with_pip=True)
    only_uv = state_folder() / "uv.txt"
    only_uv.write_text(pinned("uv", LOCK.read_text()))
    if not (FOLDER / "bin" / "uv").exists():
        _run([str(python()), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(only_uv)])
    uv = [str(FOLDER / "bin" / "uv"), "pip", "sync", "-q", "--require-hashes", "--link-mode", "copy"]
    _run([*uv, "--python", str(python()), str(LOCK)])


def _works(interpreter: Path) -> bool:
    if not interpreter.exists():
        return False
    asked = [str(interpreter), "-c", "import sys; print(sys.version_info[:2])"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise SetupError(f"{Path(argv[0]).name} could not install the packages:\n{said}")
