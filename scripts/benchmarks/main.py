"""`./scripts/bench main`: the main job under load, everything on this machine.

How long a created task takes to the subscriber's screen at 10 and 40 tasks a second; the CPU that each process spends
on one task, workflow start included; the memory of each process; the time of a start.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from scripts.benchmarks.percentiles import percentile
from scripts.benchmarks.tables import table
from scripts.benchmarks.usage import Usage, usage_of
from scripts.clients.api import Account, Api
from scripts.clients.stage import Stage, set_stage
from scripts.clients.watcher import Watcher
from scripts.stack.stack import Options, Stack

RATES = (10, 40)
SECONDS = 20.0
WARM_UP_SECONDS = 5.0
SETTLE_SECONDS = 60.0
CREATE = """mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } } }"""


@dataclass(slots=True)
class Latencies:
    """Per task: when its creation was asked for, acknowledged, and seen on the screen (seconds of the loop's clock)."""

    asked: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)

    def on_task(self, task: str) -> None:
        """Notes the first time a task is seen."""
        self.seen.setdefault(task, asyncio.get_running_loop().time())

    def to_screen(self) -> list[float]:
        """Milliseconds from the request to the screen. Raises ValueError when a task was never seen."""
        missing = self.asked.keys() - self.seen.keys()
        if missing:
            raise ValueError(f"{len(missing)} tasks never reached the screen")
        return [1000 * (self.seen[task] - asked) for task, asked in self.asked.items()]

    def to_answer(self) -> list[float]:
        """Milliseconds from the request to the answer."""
        return [1000 * (self.acknowledged[task] - asked) for task, asked in self.asked.items()]


def main(_: Sequence[str]) -> int:
    """Prints the tables."""
    with tempfile.TemporaryDirectory(prefix="taskflow-bench-") as folder:
        stack = Stack(Path(folder), Options(keep=False))
        try:
            began = time.monotonic()
            stack.start()
            stack.wait_until_ready()
            print(f"ready after {time.monotonic() - began:.1f} s (engines with empty data, programs cached)\n")
            asyncio.run(_measure(stack))
        finally:
            stack.close()
    return 0


async def _measure(stack: Stack) -> None:
    async with aiohttp.ClientSession() as http:
        stage = await set_stage(Api(http, [stack.url("gateway-1")]), stack.url("mail"))
        await _load(stack, stage, RATES[0], WARM_UP_SECONDS)
        for rate in RATES:
            before = _usages(stack)
            latencies = await _load(stack, stage, rate, SECONDS)
            await _settle(stack)
            answer, screen = latencies.to_answer(), latencies.to_screen()
            figures = [percentile(values, share) for values in (answer, screen) for share in (0.5, 0.99)]
            header = ["tasks/s", "answer p50 ms", "answer p99", "screen p50", "screen p99"]
            print(table(header, [[str(rate), *(f"{figure:.0f}" for figure in figures)]]) + "\n")
            _print_cost(before, _usages(stack), len(screen))


async def _load(stack: Stack, stage: Stage, rate: float, seconds: float) -> Latencies:
    latencies = Latencies()
    watcher = Watcher(stage.bob, stack.url("gateway-1"), stage.project, on_task=latencies.on_task)
    following = asyncio.create_task(watcher.follow())
    try:
        await watcher.connected.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        calls = []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            calls.append(asyncio.create_task(_create(stage.ada, stage, f"Task {number}", latencies)))
        await asyncio.gather(*calls)
        async with asyncio.timeout(SETTLE_SECONDS):
            while latencies.asked.keys() - latencies.seen.keys():  # noqa: ASYNC110 (two sets: no event says it)
                await asyncio.sleep(0.05)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    return latencies


async def _create(account: Account, stage: Stage, title: str, latencies: Latencies) -> None:
    loop = asyncio.get_running_loop()
    asked = loop.time()
    due_at = datetime.now(UTC) + timedelta(days=30)
    given = {"projectId": stage.project, "title": title, "assigneeIds": [stage.bob_id], "dueAt": due_at.isoformat()}
    task = (await account.call(CREATE, {"input": given}))["taskCreate"]["task"]["id"]
    latencies.asked[task] = asked
    latencies.acknowledged[task] = loop.time()


async def _settle(stack: Stack) -> None:
    """Until no process of ours spends anything worth mentioning: workflow starts may lag behind the load."""
    async with asyncio.timeout(SETTLE_SECONDS):
        before = _usages(stack)
        while True:
            await asyncio.sleep(1.0)
            now = _usages(stack)
            if sum(now[name].cpu_seconds - before[name].cpu_seconds for name in now) < 0.1:
                return
            before = now


def _usages(stack: Stack) -> dict[str, Usage]:
    return {name: usage_of(stack.supervisor.pid(name)) for name in stack.supervisor.names if name != "mail"}


def _print_cost(before: Mapping[str, Usage], after: Mapping[str, Usage], tasks: int) -> None:
    spent = {name: 1000 * (after[name].cpu_seconds - before[name].cpu_seconds) / tasks for name in after}
    lines = [(name, f"{spent[name]:.2f}", f"{after[name].memory_mib:.0f}") for name in after]
    total = ("all", f"{sum(spent.values()):.2f}", f"{sum(usage.memory_mib for usage in after.values()):.0f}")
    print(table(["process", "CPU ms per task", "memory MiB"], [*lines, total]) + "\n")
