"""One fault run: load through the gateways, one victim after another, then the question whether anything is missing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from scripts.clients.api import Api, Unanswered
from scripts.clients.stage import Stage, set_stage
from scripts.clients.watcher import Watcher
from scripts.engines.progress import Say
from scripts.stack.stack import Stack
from tests.fault.checker import Expected, Observed, check
from tests.fault.clients import Creator
from tests.fault.history import Creation, Outcome, Recorder, read
from tests.fault.observe import Places, observe

ENGINES = ("kafka", "redis", "temporal", "postgres", "mongo")
EXPECTED = Expected(
    inbox=frozenset({("task.assigned", "bob"), ("sla.reminder", "bob"), ("sla.escalation", "ada")}),
    mails=frozenset({("sla.reminder", "bob"), ("sla.escalation", "ada")}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much load, for how long, and who dies. `victims` are names of processes (`task-1`) and engines (`kafka`)."""

    tasks: int
    clients: int
    every_seconds: float
    due_in: timedelta
    victims: Sequence[str]
    down_seconds: float = 1.5
    heal_seconds: float = 60.0

    @property
    def seconds(self) -> float:
        """How long the creation takes."""
        return self.tasks * self.every_seconds / self.clients


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found; `violations` is empty when nothing was lost."""

    history: list[Creation]
    observed: Observed
    violations: list[str]
    healed_after_seconds: float

    def summary(self) -> str:
        """One line for the person who reads the output."""
        outcomes = {outcome: sum(1 for one in self.history if one.outcome is outcome) for outcome in Outcome}
        counted = ", ".join(f"{count} {outcome.value}" for outcome, count in outcomes.items())
        return (
            f"{len(self.history)} calls ({counted}), {len(self.observed.tasks)} tasks, "
            f"whole {self.healed_after_seconds:.0f} s after the last deadline"
        )


async def run(stack: Stack, plan: Plan, folder: Path, tell: Say) -> Result:
    """Plays the plan against a stack that is ready. Raises Unanswered when the stage cannot even be set."""
    gateways = [stack.url(one.name) for one in stack.processes if one.role.name == "gateway"]
    async with aiohttp.ClientSession() as http:
        stage = await set_stage(Api(http, gateways), stack.url("mail"))
        recorder = Recorder(folder / "history.jsonl")
        watchers = [Watcher(stage.ada, gateway, stage.project) for gateway in gateways]
        async with _running(*(watcher.follow for watcher in watchers)):
            await asyncio.gather(*(watcher.listening.wait() for watcher in watchers))
            creators = [
                Creator(f"client{number}", stage.ada, recorder, stage.project, stage.bob_id, plan.due_in)
                for number in range(plan.clients)
            ]
            loads = [creator.create(plan.tasks // plan.clients, plan.every_seconds) for creator in creators]
            await asyncio.gather(_kill_in_turn(stack, plan, tell), *loads)
            recorder.close()
            with (folder / "history.jsonl").open("rb") as lines:
                history = read(lines)
            await asyncio.sleep(plan.due_in.total_seconds())  # the run's own time: deadlines pass, nothing is awaited
            return await _judge(history, stage, _places(stack, stage), watchers, plan)


def _places(stack: Stack, stage: Stage) -> Places:
    settings = {**stack.engines.environment("postgres"), **stack.engines.environment("kafka")}
    return Places(
        postgres=settings["TASKFLOW_POSTGRES_OWNER_URL"],
        kafka=settings["TASKFLOW_KAFKA_BOOTSTRAP"],
        temporal=stack.engines.environment("temporal")["TASKFLOW_TEMPORAL_ADDRESS"],
        mail=stack.url("mail"),
        workspace=stage.workspace,
    )


async def _kill_in_turn(stack: Stack, plan: Plan, tell: Say) -> None:
    """Spreads the kills over the time of the load, so that each meets a system under load."""
    pace = plan.seconds / (len(plan.victims) + 1)
    for victim in plan.victims:
        await asyncio.sleep(pace)
        tell(f"killing {victim}")
        if victim in ENGINES:
            server = stack.engines.server(victim)
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(plan.down_seconds)
            await asyncio.to_thread(server.restart)
        else:
            await asyncio.to_thread(stack.supervisor.kill, victim)


async def _judge(history: list[Creation], stage: Stage, places: Places, watchers: list[Watcher], plan: Plan) -> Result:
    """Looks again until all is whole or the time to heal is over."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in itertools.count():
        try:
            seen = set[str]().union(*(watcher.seen for watcher in watchers))
            observed = await observe(places, {"ada": stage.ada, "bob": stage.bob}, seen)
            violations = check(history, observed, EXPECTED)
        except Unanswered as error:
            observed, violations = Observed([], {}, {}, [], [], frozenset()), [f"cannot look: {error}"]
        if not violations or loop.time() - began > plan.heal_seconds:
            break
        await asyncio.sleep(1.0)
    return Result(history, observed, violations, loop.time() - began)


@contextlib.asynccontextmanager
async def _running(*functions: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(function()) for function in functions]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
