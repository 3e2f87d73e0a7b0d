"""`python -m workflows`: the worker process."""

from __future__ import annotations

from kit.lifecycle import Process, Service, run
from kit.settings import load
from workflows.settings import WorkerSettings
from workflows.worker import start


def main() -> None:
    """Reads the settings and runs until stopped."""
    settings = load(WorkerSettings)

    async def open_parts(process: Process) -> None:
        await start(process, settings)

    run(Service("worker", settings, open_parts))


if __name__ == "__main__":
    main()
