"""`./scripts/bench data`: 95th percentiles of lists, searches and counts on large data, and what their plans do.

Fails when a plan reads a large table from end to end or counts without a bound. Engines are the run's own, unless the
environment names others.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from scripts.benchmarks.data import notifications, tasks
from scripts.benchmarks.data.measured import Measured
from scripts.benchmarks.tables import table
from scripts.engines.places import state_folder
from scripts.engines.run import open_run

PARTS: Mapping[str, tuple[str, Callable[[Mapping[str, str], int], Coroutine[Any, Any, Sequence[Measured]]]]] = {
    "tasks": ("postgres", tasks.measure),
    "notifications": ("mongo", notifications.measure),
}
"""What is measured: the engine it needs, and how, from the engine's settings and the number of entries."""


def main(words: Sequence[str]) -> int:
    """The exit code: 1 when a plan does what it must not."""
    parser = argparse.ArgumentParser(prog="./scripts/bench data", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"which of {', '.join(PARTS)}; all when none")
    parser.add_argument("--entries", type=int, default=100_000, help="tasks of the workspace; half as many in an inbox")
    given = parser.parse_args(words)
    failures: list[str] = []
    run = open_run(state_folder() / "bench" / secrets.token_hex(4), keep=False)
    try:
        for name in given.parts:
            engine, measure = PARTS[name]
            settings = run.engines.environment(engine)
            measured = asyncio.run(measure(settings, given.entries))
            print(f"\n{name}, {given.entries:,} entries\n")
            print(table(["operation", "p50 ms", "p95 ms", "rows", "read", "plan"], [one.row() for one in measured]))
            failures += [f"{one.name}: {fault}" for one in measured for fault in one.faults]
    finally:
        run.close()
    print(
        "\n".join(["", *failures]) if failures else "\nno plan reads a large table from end to end, none counts it all"
    )
    return 1 if failures else 0
