"""`./scripts/bench WORD`: one benchmark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from scripts.benchmarks import engine, planning
from scripts.benchmarks import main as main_job
from scripts.benchmarks.data import main as data

BENCHMARKS: dict[str, tuple[str, Callable[[Sequence[str]], int]]] = {
    "engine": ("the federation engine: CPU per request, compiled against reference", engine.main),
    "planning": (
        "the planner: CPU per first plan of the audit's operations, of a hard and of a large graph",
        planning.main,
    ),
    "data": ("lists, searches and counts on large data, and their plans", data.main),
    "main": ("the main job under load: latency to the screen, CPU per task, memory, start", main_job.main),
}


def main(words: Sequence[str]) -> int:
    """The exit code."""
    if not words or words[0] not in BENCHMARKS:
        print("./scripts/bench WORD\n")
        print("\n".join(f"  {word:<8} {meaning}" for word, (meaning, _) in BENCHMARKS.items()))
        return 0 if words and words[0] in ("-h", "--help") else 2
    return BENCHMARKS[words[0]][1](words[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
