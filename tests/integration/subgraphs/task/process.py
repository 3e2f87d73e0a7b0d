"""The task process as an operating-system process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp

from kit.identity import HEADER, Actor, InternalTokens
from kit.ids import new_id
from scripts.engines.ports import free_port
from tests.unit.subgraphs.task.auth_stub import SEED


def an_actor(*workspaces: UUID, user_id: UUID | None = None, role: str = "member") -> Actor:
    return Actor(user_id=user_id or new_id(), session_id=new_id(), workspaces=dict.fromkeys(workspaces, role))


@dataclass
class TaskProcess:
    """`python -m subgraphs.task` with its settings; may be killed and started again."""

    settings: Mapping[str, str]
    session: aiohttp.ClientSession
    port: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)
    running: asyncio.subprocess.Process | None = None

    async def start(self, **more: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TASKFLOW_")}
        environment |= self.settings
        environment |= {"TASKFLOW_PORT": str(self.port), "TASKFLOW_GRPC_PORT": str(self.grpc_port)} | more
        self.running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "subgraphs.task", env=environment, stdout=asyncio.subprocess.DEVNULL
        )

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            while not await self._is_ready():
                assert self.running is not None
                assert self.running.returncode is None, "the process ended"
                await asyncio.sleep(0.02)

    async def _is_ready(self) -> bool:
        try:
            async with self.session.get(f"http://127.0.0.1:{self.port}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.running is not None
        if self.running.returncode is None:
            self.running.send_signal(number)
        async with asyncio.timeout(30):
            return await self.running.wait()

    async def ended(self) -> None:
        """Returns when the process has ended by itself."""
        assert self.running is not None
        async with asyncio.timeout(60):
            await self.running.wait()

    async def ask(self, actor: Actor | None, query: str, **variables: Any) -> dict[str, Any]:
        token = InternalTokens(SEED, "gateway").mint(actor, "task")
        async with self.session.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": query, "variables": variables},
            headers={HEADER: token},
        ) as response:
            answer: dict[str, Any] = await response.json()
            return answer


@asynccontextmanager
async def task_process(settings: Mapping[str, str]) -> AsyncIterator[TaskProcess]:
    """A process that is not started yet and certainly ended afterwards."""
    async with aiohttp.ClientSession() as session:
        process = TaskProcess(settings, session)
        try:
            yield process
        finally:
            if process.running is not None and process.running.returncode is None:
                await process.stop(signal.SIGKILL)


def code_of(answer: Mapping[str, Any]) -> str:
    """The code of the only error of an answer."""
    [error] = answer["errors"]
    code: str = error["extensions"]["code"]
    return code
