"""The engine on the federation gateways benchmark: CPU per request of the gateway's process alone, on one core's worth
of work; the compiled executor beside the reference.

Unless a row says otherwise every request carries its own authorization header, so nothing is shared between requests.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from graphql import parse

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import Headers, SubgraphCall, SubgraphReply
from gateway.executor.run import Request
from gateway.planner.nodes import QueryPlan
from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph
from scripts.benchmarks import composition, peers
from scripts.benchmarks.tables import table
from scripts.benchmarks.usage import Usage, usage_of
from scripts.engines.places import CHECKOUT
from tests.bench.federation.subgraphs import PAGE, Subgraphs, distinct, published

DATA = CHECKOUT / "tests" / "bench" / "federation"
HEAVY = (DATA / "query.graphql").read_text()
QUERIES = {
    "heavy": HEAVY,
    "one subgraph": "{ topProducts(first: 5) { upc name price } }",
    "two hops": "{ topProducts(first: 5) { upc name reviews { id body } } }",
}
GRAPHS = (("published", ()), ("distinct entities", ("--distinct",)))
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One measured run."""

    requests_per_second: float
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    memory_mib: float

    def cells(self) -> list[str]:
        return [
            f"{self.requests_per_second:.0f}",
            f"{self.cpu_ms:.2f}",
            f"{self.p50_ms:.1f}",
            f"{self.p95_ms:.1f}",
            f"{self.memory_mib:.0f}",
        ]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(*command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module run as a process, from when its port answers until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=CHECKOUT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None and not _answers(port):
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(15)


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", port)) != 0:
            return False
        sock.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        return sock.recv(15).startswith(b"HTTP/1.1 200")


async def load(port: int, query: str, seconds: float, clients: int, *, identical: bool) -> list[float]:
    """Keeps `clients` requests under way for a while; returns how long each took."""
    body = json.dumps({"query": query}).encode()
    end, took, numbers = time.monotonic() + seconds, list[float](), itertools.count()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while time.monotonic() < end:
            caller = "Bearer same" if identical else f"Bearer {next(numbers)}"
            head = (
                f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                f"authorization: {caller}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            content = await reader.readexactly(length)
            took.append(time.perf_counter() - began)
            if b" 200 " not in answer[:15] or b'"errors"' in content[:20]:
                raise SystemExit(f"unexpected answer: {content[:300]!r}")
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return took


def measure(pid: int, port: int, query: str, seconds: float, clients: int, *, identical: bool = False) -> Figures:
    """After a warm-up of a second."""
    asyncio.run(load(port, query, 1.0, clients, identical=identical))
    before, began = _usage(pid), time.monotonic()
    took = asyncio.run(load(port, query, seconds, clients, identical=identical))
    after, passed = _usage(pid), time.monotonic() - began
    spent = after.cpu_seconds - before.cpu_seconds
    cuts = statistics.quantiles(took, n=20)
    return Figures(
        len(took) / passed,
        spent / len(took) * 1000,
        statistics.median(took) * 1000,
        cuts[18] * 1000,
        after.memory_mib,
    )


@contextmanager
def _subgraphs(flags: Sequence[str]) -> Iterator[str]:
    """The subgraphs as a process; the name of a file with a supergraph that leads to them."""
    port = free_port()
    with (
        tempfile.NamedTemporaryFile("w", suffix=".graphql") as supergraph,
        running("tests.bench.federation.subgraphs", "--port", str(port), *flags, port=port),
    ):
        text = (DATA / "supergraph.graphql").read_text()
        supergraph.write(text.replace("127.0.0.1:4200", f"127.0.0.1:{port}"))
        supergraph.flush()
        yield supergraph.name


def served(seconds: float, clients: int) -> list[list[str]]:
    """The rows of the serving gateway."""
    rows = []
    for graph, flags in GRAPHS:
        with _subgraphs(flags) as supergraph:
            port = free_port()
            with running("gateway", "serve", "--supergraph", supergraph, "--port", str(port), port=port) as gateway:
                for name, query in QUERIES.items():
                    found = measure(gateway.pid, port, query, seconds, clients)
                    rows.append([f"{name}, {graph}", *found.cells()])
                found = measure(gateway.pid, port, HEAVY, seconds, 50, identical=True)
                rows.append([f"heavy, {graph}, 50 identical at a time", *found.cells()])
    return rows


def _usage(pid: int) -> Usage:
    """Of the process and all that it started."""
    all_of_it = [usage_of(member) for member in peers.family(pid)]
    return Usage(sum(one.cpu_seconds for one in all_of_it), sum(one.memory_mib for one in all_of_it))


def beside(seconds: float, clients: int) -> list[list[str]]:
    """The rows of the peers: the heavy query over the same subgraphs."""
    folder = peers.provision()
    rows = []
    for graph, flags in GRAPHS:
        with _subgraphs(flags) as supergraph:
            port = free_port()
            for name, command in peers.commands(folder, Path(supergraph), port).items():
                with peers.running(command, folder) as process:
                    _wait_for_graphql(process, port)
                    found = measure(process.pid, port, HEAVY, seconds, clients)
                    rows.append([f"{name}: heavy, {graph}", *found.cells()])
    return rows


def _wait_for_graphql(process: subprocess.Popen[bytes], port: int) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", b'{"query":"{ __typename }"}', {"content-type": "application/json"}
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a peer did not come up")


class _InProcess:
    """The subgraphs without a network, and someone who calls them."""

    key = "bench"

    def __init__(self, subgraphs: Subgraphs) -> None:
        self._subgraphs = subgraphs

    def headers(self, service: str) -> Headers:
        return ()

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        reply: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        reply.set_result(SubgraphReply(200, self._subgraphs.answer(call.service, call.body)))
        return reply


def executors(repetitions: int) -> list[list[str]]:
    """The rows of the two executors alone: CPU from the plan to the encoded answer."""
    plan = Planner(parse_supergraph((DATA / "supergraph.graphql").read_text())).plan(parse(HEAVY))
    rows = []
    for graph, data in (("published", published()), ("distinct entities", distinct())):
        world = _InProcess(Subgraphs(data, PAGE))
        slow = asyncio.run(_time(plan, world, repetitions, compiled=False))
        fast = asyncio.run(_time(plan, world, repetitions, compiled=True))
        rows.append([graph, f"{slow:.2f}", f"{fast:.2f}", f"{slow / fast:.1f}"])
    return rows


async def _time(plan: QueryPlan, world: _InProcess, repetitions: int, *, compiled: bool) -> float:
    """CPU milliseconds of one run."""
    program = compile_plan(plan)
    began = time.process_time()
    for _ in range(repetitions):
        request = Request({}, {}, world, float("inf"))
        outcome = await (program.execute(request, world) if compiled else reference.execute(plan, request, world))
        orjson.dumps({"data": outcome.data})
    return (time.process_time() - began) / repetitions * 1000


def main(words: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="./scripts/bench engine", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each run")
    parser.add_argument("--clients", type=int, default=8, help="requests under way at a time")
    parser.add_argument("--peers", action="store_true", help="also Apollo Gateway and Hive Gateway, from npm")
    given = parser.parse_args(words)
    header = ["query", "requests/s", "CPU ms each", "p50 ms", "p95 ms", "MiB"]
    rows = served(given.seconds, given.clients)
    print(table(header, rows + (beside(given.seconds, given.clients) if given.peers else [])))
    print()
    print(table(["heavy query", "reference ms", "compiled ms", "times"], executors(100)))
    print()
    print(composition.tables())
    return 0
