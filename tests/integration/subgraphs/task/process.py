"""The task process as an operating-system process of its own, and a stand-in for auth that says what tests tell it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import aiohttp
import grpc

from kit.errors import DomainError
from kit.identity import HEADER, Actor, InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from kit.rpc import server
from proto.auth.v1.auth_pb2 import (
    GetWorkspaceContextRequest,
    UserProfile,
    VerifyResponse,
    VerifySessionRequest,
    VerifyUserRequest,
    WorkspaceContext,
    WorkspaceMembership,
)
from proto.auth.v1.auth_pb2_grpc import AuthServiceServicer, add_AuthServiceServicer_to_server
from scripts.engines.ports import free_port

SEED = new_seed()
KEYS = (public_of(SEED),)


@dataclass
class AuthStub(AuthServiceServicer):
    """Answers with what the tests put into it and counts the questions."""

    roles: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    profiles: dict[UUID, str] = field(default_factory=dict)
    asked: list[tuple[UUID, UUID]] = field(default_factory=list)

    async def VerifySession(
        self, request: VerifySessionRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> VerifyResponse:
        raise DomainError.of("UNAUTHENTICATED", "Nobody asks this here.")

    async def GetWorkspaceContext(
        self, request: GetWorkspaceContextRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> WorkspaceContext:
        key = (UUID(request.workspace_id), UUID(request.user_id))
        self.asked.append(key)
        membership = WorkspaceMembership(user_id=request.user_id, role=self.roles.get(key, ""), version=1)
        return WorkspaceContext(workspace_id=request.workspace_id, name="Acme", membership=membership)

    async def VerifyUser(self, request: VerifyUserRequest, context: grpc.aio.ServicerContext[Any, Any]) -> UserProfile:
        name = self.profiles.get(UUID(request.user_id))
        if name is None:
            raise DomainError.of("NOT_FOUND", "There is no such user.")
        return UserProfile(
            user_id=request.user_id, email="x@example.org", display_name=name, locale="en", time_zone="UTC", version=1
        )


@asynccontextmanager
async def auth_stub() -> AsyncIterator[tuple[AuthStub, int]]:
    """The stand-in and its port."""
    stub = AuthStub()
    verifier = InternalVerifier(KEYS, "auth")
    async with server([partial(add_AuthServiceServicer_to_server, stub)], verifier, "127.0.0.1", 0) as opened:
        yield stub, opened.port


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
        async with asyncio.timeout(20):
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
