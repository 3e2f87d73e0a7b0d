"""`python -m gateway serve` as a process: it comes up soon, serves what it is given, follows the file, and ends."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.commands.subgraph_files import from_paths
from gateway.composition import compose
from scripts.benchmarks.usage import usage_of
from tests.unit.gateway.transport.raw_server import RawServer, Received, raw_server, reply

SDL = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
HELLO = SDL + "type Query { hello: String }"
HELLO_AND_MORE = SDL + "type Query { hello: String more: String }"


@dataclass(frozen=True, slots=True)
class Running:
    process: asyncio.subprocess.Process
    url: str
    http: aiohttp.ClientSession

    async def ask(self, query: str, **more: Any) -> Any:
        async with self.http.post(self.url + "/graphql", json={"query": query, **more}) as response:
            return await response.json()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[Running]:
    """The process once its health answers."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "serve",
        *arguments,
        "--port",
        str(port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as http:
            while process.returncode is None:
                try:
                    async with http.get(url + "/health") as response:
                        if response.status == 200:
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)
            yield Running(process, url, http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def answer(_: RawServer, request: Received, writer: asyncio.StreamWriter) -> None:
    query = json.loads(request.body)["query"]
    writer.write(reply(json.dumps({"data": {name: name for name in ("hello", "more") if name in query}}).encode()))


def subgraphs_file(folder: Path, sdl: str, url: str) -> Path:
    path = folder / "subgraphs.json"
    path.write_text(json.dumps([{"name": "one", "url": url, "sdl": sdl}]))
    return path


async def test_a_list_of_subgraphs_is_composed_served_and_followed(tmp_path: Path) -> None:
    async with raw_server(answer) as subgraph:
        path = subgraphs_file(tmp_path, HELLO, subgraph.url)
        async with serving("--subgraphs", str(path), "--show-plans") as gateway:
            assert await gateway.ask("{ hello }") == {"data": {"hello": "hello"}}
            planned = await gateway.ask("{ hello }", extensions={"plan": True})
            assert "one" in planned["extensions"]["plan"]
            assert "errors" in await gateway.ask("{ more }")
            subgraphs_file(tmp_path, HELLO_AND_MORE, subgraph.url)
            found = await gateway.ask("{ hello more }")
            while "errors" in found:
                await asyncio.sleep(0.05)
                found = await gateway.ask("{ hello more }")
            assert found == {"data": {"hello": "hello", "more": "more"}}


async def test_a_supergraph_is_served_within_three_seconds_and_ends_on_sigterm(tmp_path: Path) -> None:
    async with raw_server(answer) as subgraph:
        composed = compose(from_paths([str(subgraphs_file(tmp_path, HELLO, subgraph.url))])).supergraph_sdl
        assert composed is not None
        path = tmp_path / "supergraph.graphql"
        path.write_text(composed)
        async with serving("--supergraph", str(path)) as gateway:
            # The processor's time of the start, so that a busy machine does not decide.
            assert usage_of(gateway.process.pid).cpu_seconds < 3
            assert await gateway.ask("{ hello }") == {"data": {"hello": "hello"}}
            gateway.process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(gateway.process.wait(), 20) == 0


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--supergraph", None),
        ("--supergraph", "type Query { a: Int }"),
        ("--subgraphs", "nonsense"),
        ("--subgraphs", "[]"),
    ],
)
async def test_what_cannot_be_served_ends_the_start_with_one_line(
    tmp_path: Path, option: str, content: str | None
) -> None:
    path = tmp_path / "graph.json"
    if content is not None:
        path.write_text(content)
    async with serving(option, str(path)) as gateway:
        out, _ = await gateway.process.communicate()
        assert gateway.process.returncode == 2
        lines = [json.loads(line) for line in out.decode().splitlines()]
        assert [line["event"] for line in lines] == ["cannot start"]
        assert "cannot serve this graph" in lines[0]["reason"]
