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
IDLE_SECONDS = 10.0
SETTLE_SECONDS = 90.0
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
        idle = await _idle(stack)
        for rate in RATES:
            before, began = _usages(stack), time.monotonic()
            latencies = await _load(stack, stage, rate, SECONDS)
            await _settle(stack, idle)
            answer, screen = latencies.to_answer(), latencies.to_screen()
            figures = [percentile(values, share) for values in (answer, screen) for share in (0.5, 0.99)]
            header = ["tasks/s", "answer p50 ms", "answer p99", "screen p50", "screen p99"]
            print(table(header, [[str(rate), *(f"{figure:.0f}" for figure in figures)]]) + "\n")
            after, seconds = _usages(stack), time.monotonic() - began
            rows = [_cost(name, before[name], after[name], idle[name] * seconds, len(screen)) for name in after]
            _print_costs(rows, idle)


async def _load(stack: Stack, stage: Stage, rate: float, seconds: float) -> Latencies:
    latencies = Latencies()
    watcher = Watcher(stage.bob, stack.url("gateway-1"), stage.project, on_task=latencies.on_task)
    following = asyncio.create_task(watcher.follow())
    try:
        await watcher.listening.wait()
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


async def _idle(stack: Stack) -> dict[str, float]:
    """CPU seconds per second of each process while nobody asks for anything."""
    await asyncio.sleep(WARM_UP_SECONDS)
    before = _usages(stack)
    await asyncio.sleep(IDLE_SECONDS)
    after = _usages(stack)
    return {name: (after[name].cpu_seconds - before[name].cpu_seconds) / IDLE_SECONDS for name in after}


async def _settle(stack: Stack, idle: Mapping[str, float]) -> None:
    """Until our processes spend no more than when idle: workflow starts may lag behind the load."""
    async with asyncio.timeout(SETTLE_SECONDS):
        before = _usages(stack)
        while True:
            await asyncio.sleep(2.0)
            now = _usages(stack)
            if (
                sum(now[name].cpu_seconds - before[name].cpu_seconds for name in now) / 2
                < 1.5 * sum(idle.values()) + 0.01
            ):
                return
            before = now


def _usages(stack: Stack) -> dict[str, Usage]:
    return {name: usage_of(stack.supervisor.pid(name)) for name in stack.supervisor.names if name != "mail"}


@dataclass(frozen=True, slots=True)
class _Cost:
    name: str
    milliseconds: float
    memory_mib: float


def _cost(name: str, before: Usage, after: Usage, idle_seconds: float, tasks: int) -> _Cost:
    spent = after.cpu_seconds - before.cpu_seconds - idle_seconds
    return _Cost(name, 1000 * spent / tasks, after.memory_mib)


def _print_costs(costs: Sequence[_Cost], idle: Mapping[str, float]) -> None:
    rows = [
        [cost.name, f"{cost.milliseconds:.2f}", f"{1000 * idle[cost.name]:.1f}", f"{cost.memory_mib:.0f}"]
        for cost in costs
    ]
    spent, memory = sum(cost.milliseconds for cost in costs), sum(cost.memory_mib for cost in costs)
    rows.append(["all", f"{spent:.2f}", f"{1000 * sum(idle.values()):.1f}", f"{memory:.0f}"])
    print(table(["process", "CPU ms per task", "idle CPU ms/s", "memory MiB"], rows) + "\n")
