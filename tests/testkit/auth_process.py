"""The auth process as its callers know it: started on real engines, spoken to over GraphQL and gRPC."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kit.identity import HEADER, Actor, InternalTokens, new_seed, public_of
from kit.serving import listen

_START_SECONDS = 90  # on a busy machine; a second or two on an idle one

ROOT = Path(__file__).parents[2]
GATEWAY_SEED = new_seed()
ACCESS_KEY = (
    generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)


def free_port() -> int:
    sock = listen("127.0.0.1", 0)
    port: int = sock.getsockname()[1]
    sock.close()
    return port


@dataclass(slots=True)
class AuthProcess:
    """A running process. `graphql` speaks to it as the gateway does."""

    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)
    child: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, **more: str) -> None:
        """Starts it and waits until it is ready."""
        ports = {"TASKFLOW_PORT": str(self.port), "TASKFLOW_GRPC_PORT": str(self.grpc_port)}
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "subgraphs.auth", cwd=ROOT, env={**os.environ, **self.environment, **ports, **more}
        )
        async with httpx2.AsyncClient() as http, asyncio.timeout(_START_SECONDS):
            while not await self._ready(http):
                assert self.child.returncode is None, f"ended with status {self.child.returncode}"
                await asyncio.sleep(0.05)

    async def _ready(self, http: httpx2.AsyncClient) -> bool:
        try:
            return (await http.get(f"{self.url}/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status after a signal."""
        assert self.child is not None
        if self.child.returncode is None:
            self.child.send_signal(number)
        async with asyncio.timeout(30):
            return await self.child.wait()

    async def gone(self) -> int:
        """Waits for it to end by itself."""
        assert self.child is not None
        async with asyncio.timeout(30):
            return await self.child.wait()

    async def graphql(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        actor: Actor | None = None,
        address: str = "192.0.2.7",
    ) -> dict[str, Any]:
        """The answer to an operation of an actor, or of nobody."""
        token = InternalTokens(GATEWAY_SEED, "gateway").mint(actor, "auth", address)
        async with httpx2.AsyncClient(timeout=20) as http:
            response = await http.post(
                f"{self.url}/graphql", json={"query": document, "variables": variables or {}}, headers={HEADER: token}
            )
        answer: dict[str, Any] = response.json()
        return answer


@asynccontextmanager
async def auth_process(engines: Mapping[str, str], **more: str) -> AsyncIterator[AuthProcess]:
    """A process on these engines (settings by name), stopped in the end."""
    environment = {
        **engines,
        "TASKFLOW_INTERNAL_TRUSTED_KEYS": public_of(GATEWAY_SEED),
        "TASKFLOW_ACCESS_SIGNING_KEY": ACCESS_KEY,
    }
    process = AuthProcess(environment)
    await process.start(**more)
    try:
        yield process
    finally:
        await process.stop()
