"""The task process that publishes events from memory, a moment after the commit: what every kill may lose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from kit.kafka import Envelope, publisher
from kit.lifecycle import Process, Service, run
from kit.settings import load
from subgraphs.task import app
from subgraphs.task.settings import TaskSettings
from subgraphs.task.store.outbox import Outbox

DELAY_SECONDS = 1.0
_COLUMNS = 7


def main() -> None:
    """Runs the mutant until SIGTERM."""
    settings = load(TaskSettings)
    waiting: asyncio.Queue[Envelope] = asyncio.Queue()
    _forget(Outbox, waiting.put_nowait)
    healthy = app.service(settings)

    async def start(process: Process) -> None:
        await healthy.start(process)
        await process.spawn("publish from memory", lambda: _publish(settings, waiting))

    run(Service(healthy.name, settings, start))


def _forget(outbox: type[Any], keep: Callable[[Envelope], None]) -> None:
    """Makes the outbox write nothing."""

    def columns(self: Any, events: Sequence[Any]) -> tuple[list[object], ...]:
        for event in events:
            keep(self._encode(event))
        return tuple([] for _ in range(_COLUMNS))

    outbox.columns = columns


async def _publish(settings: TaskSettings, waiting: asyncio.Queue[Envelope]) -> None:
    async with publisher(settings.kafka_bootstrap, app.TOPICS, "mutant") as sender:
        while True:
            event = await waiting.get()
            await asyncio.sleep(DELAY_SECONDS)
            await sender.publish([event])


if __name__ == "__main__":
    main()
