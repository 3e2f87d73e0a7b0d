"""Clients by others: installed from npm once, run as processes of their own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kit.health import Health
from kit.serving import HttpOptions, HttpServer
from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import cache_folder
from tests.unit.gateway.server.served import Served

CLIENTS = Path(__file__).parent / "clients"
NEEDS_NODE = "npm is missing: apt-get install npm (it comes with https://nodejs.org)"

Run = Callable[..., Awaitable[list[str]]]


@pytest.fixture(scope="session")
def clients() -> Path:
    """A folder with the client programs and what they import."""

    def fill(folder: Path) -> None:
        for file in CLIENTS.iterdir():
            shutil.copy(file, folder / file.name)
        run_tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, needs=NEEDS_NODE)

    pins = sorted(file for file in CLIENTS.iterdir() if file.is_file())
    return make_once(cache_folder() / f"gateway-clients-{fingerprint(*pins)}", "clients from npm", fill, lambda _: None)


@pytest.fixture
def node(clients: Path) -> Run:
    """Runs a client program to its end; returns the lines that it printed."""

    async def run(program: str, *arguments: str) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            "node",
            program,
            *arguments,
            cwd=clients,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return out.decode().splitlines()

    return run


@asynccontextmanager
async def listening(served: Served) -> AsyncIterator[str]:
    """The URL of the application on a port of its own."""
    server = HttpServer(Health(), "127.0.0.1", 0, HttpOptions(finish_seconds=1))
    async with server.opened():
        server.mount(served.app)
        yield server.url + "/graphql"
