"""Owns what the audience reads: one line a step, with the time it took and what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic


@dataclass(slots=True)
class Report:
    """Steps in their order. `say` prints a line."""

    say: Callable[[str], None]
    steps: list[tuple[str, float]] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        self.say(f"\n{title}")

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """What the block puts on the list is told beside the title; a block that fails is told as such."""
        began = monotonic()
        seen: list[str] = []
        try:
            yield seen
        except BaseException as error:
            self.say(f"  ✗ {_time(monotonic() - began)}  {title}: {type(error).__name__}: {error}")
            raise
        took = monotonic() - began
        self.steps.append((title, took))
        self.say(f"  ✓ {_time(took)}  {title}" + (f" ({', '.join(seen)})" if seen else ""))


def _time(seconds: float) -> str:
    return f"{seconds * 1000:7.0f} ms" if seconds < 10 else f"{seconds:8.2f} s"
