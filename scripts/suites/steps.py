"""Runs one check as a process of its own and says how long it took and how it ended."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.engines.places import CHECKOUT


@dataclass(frozen=True, slots=True)
class Step:
    """A named command inside the environment."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    name: str
    passed: bool
    seconds: float


def tool(name: str, program: str, *arguments: str) -> Step:
    """A program of the environment."""
    return Step(name, (str(Path(sys.executable).with_name(program)), *arguments))


class Running:
    """A step under way; its output is shown when it is over, so that two at once do not mix."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            step.argv, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment()
        )

    def finish(self, show: Callable[[str], None] = print) -> Outcome:
        """Wait for its end; prints what it said only when it failed."""
        said, _ = self._process.communicate()
        outcome = Outcome(self._step.name, self._process.returncode == 0, time.monotonic() - self._began)
        if not outcome.passed:
            show(said.decode(errors="replace").rstrip())
        show(line_of(outcome))
        return outcome

    def abandon(self) -> None:
        """End it: its verdict is no longer of interest."""
        self._process.terminate()
        self._process.communicate()


def run(step: Step, show: Callable[[str], None] = print) -> Outcome:
    """Run a step in the foreground with its output as it comes."""
    began = time.monotonic()
    code = subprocess.run(step.argv, cwd=CHECKOUT, check=False, env=_environment()).returncode
    outcome = Outcome(step.name, code == 0, time.monotonic() - began)
    show(line_of(outcome))
    return outcome


def line_of(outcome: Outcome) -> str:
    """The line that stands for a finished step."""
    return f"[{'ok' if outcome.passed else 'FAILED'}] {outcome.name}: {outcome.seconds:.1f} s"


def pytest(name: str, folders: Sequence[str], options: Sequence[str]) -> Step:
    """A pytest run over some folders."""
    return Step(name, (sys.executable, "-m", "pytest", "-q", *folders, *options))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
