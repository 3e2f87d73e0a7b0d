"""Measures the gateway's engine: `python -m scripts.bench_engine`.

CPU per request comes from the kernel's accounting of the gateway's process alone. Every request carries its own
authorization header, so nothing can be shared between requests, unless `--identical` says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent.parent / "tests" / "bench" / "federation"
TICKS = os.sysconf("SC_CLK_TCK")

QUERIES = {
    "heavy": (DATA / "query.graphql").read_text(),
    "one subgraph": "{ topProducts(first: 5) { upc name price } }",
    "two hops": "{ topProducts(first: 5) { upc name reviews { id body } } }",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One measured run."""

    requests_per_second: float
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    memory_mib: float


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(*command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ready when its port answers."""
    process = subprocess.Popen([sys.executable, "-m", *command])
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(15)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def load(port: int, query: str, seconds: float, clients: int, *, identical: bool) -> list[float]:
    """Keeps `clients` requests under way for a while; returns how long each took."""
    body = json.dumps({"query": query}).encode()
    end, took, number = time.monotonic() + seconds, list[float](), iter(range(10**9))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while time.monotonic() < end:
            token = "same" if identical else f"Bearer {next(number)}"
            head = (
                f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                f"authorization: {token}\r\ncontent-length: {len(body)}\r\n\r\n"
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


def measure(pid: int, port: int, query: str, seconds: float, clients: int, *, identical: bool) -> Figures:
    asyncio.run(load(port, query, 1.0, clients, identical=identical))
    before, began = cpu_seconds(pid), time.monotonic()
    took = asyncio.run(load(port, query, seconds, clients, identical=identical))
    spent, passed = cpu_seconds(pid) - before, time.monotonic() - began
    cuts = statistics.quantiles(took, n=20)
    return Figures(
        len(took) / passed, spent / len(took) * 1000, statistics.median(took) * 1000, cuts[18] * 1000, memory_mib(pid)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--identical", action="store_true", help="all requests are equal and may be shared")
    parser.add_argument("--distinct", action="store_true", help="a graph without repeated entities")
    given = parser.parse_args()
    subgraph_port, port = free_port(), free_port()
    supergraph = Path(os.environ.get("TMPDIR", "/tmp")) / f"supergraph-{port}.graphql"  # noqa: S108 - read once, below
    supergraph.write_text(
        (DATA / "supergraph.graphql").read_text().replace("127.0.0.1:4200", f"127.0.0.1:{subgraph_port}")
    )
    subgraphs = ["tests.bench.federation.subgraphs", "--port", str(subgraph_port)]
    with (
        running(*subgraphs, *(["--distinct"] if given.distinct else []), port=subgraph_port),
        running("gateway", "serve", "--supergraph", str(supergraph), "--port", str(port), port=port) as gateway,
    ):
        time.sleep(0.5)
        print(f"{'query':<14}{'req/s':>9}{'CPU ms':>9}{'p50 ms':>9}{'p95 ms':>9}{'MiB':>7}")
        for name, query in QUERIES.items():
            found = measure(gateway.pid, port, query, given.seconds, given.clients, identical=given.identical)
            print(
                f"{name:<14}{found.requests_per_second:>9.0f}{found.cpu_ms:>9.3f}{found.p50_ms:>9.2f}"
                f"{found.p95_ms:>9.2f}{found.memory_mib:>7.0f}",
                flush=True,
            )
    supergraph.unlink()


if __name__ == "__main__":
    main()
