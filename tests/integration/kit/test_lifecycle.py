"""A process answers probes from the start, waits for what is missing, drains on SIGTERM and ends as it should."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
PRELUDE = """
import asyncio, os
from contextlib import asynccontextmanager
from kit.errors import DomainError, invalid
from kit.lifecycle import Process, Service, run
from kit.settings import Settings
@asynccontextmanager
async def part(name):
    print("open", name, flush=True)
    yield name
    print("close", name, flush=True)
"""


@contextmanager
def process(body: str, port: int) -> Iterator[subprocess.Popen[str]]:
    code = PRELUDE + textwrap.dedent(body) + f"\nrun(Service('sample', Settings(port={port}), start))\n"
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def probe(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def until(port: int, path: str, status: int) -> str:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        got, body = probe(port, path)
        if got == status:
            return body
        time.sleep(0.02)
    raise AssertionError(f"{path} never answered {status}")


def test_sigterm_closes_parts_in_reverse_order_and_exits_zero() -> None:
    port = free_port()
    body = """
    async def start(process):
        await process.enter("one", lambda: part("one"))
        await process.enter("two", lambda: part("two"))
    """
    with process(body, port) as child:
        until(port, "/readyz", 200)
        assert probe(port, "/healthz") == (200, "ok")
        assert "process_cpu_seconds_total" in probe(port, "/metrics")[1]
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=15)
        assert child.returncode == 0
        ours = [line for line in out.splitlines() if not line.startswith("{")]
        assert ours == ["open one", "open two", "close two", "close one"]


def test_a_missing_engine_is_waited_for_with_one_line_while_probes_answer(tmp_path: Path) -> None:
    port, flag = free_port(), tmp_path / "up"
    body = f"""
    @asynccontextmanager
    async def engine():
        if not os.path.exists({str(flag)!r}):
            raise ConnectionError("refused")
        yield
    async def start(process):
        await process.enter("engine", engine)
    """
    with process(body, port) as child:
        assert "engine" in until(port, "/startupz", 503)
        assert probe(port, "/healthz")[0] == 200
        assert probe(port, "/graphql")[0] == 503
        flag.touch()
        until(port, "/readyz", 200)
        child.terminate()
        out, _ = child.communicate(timeout=15)
        events = [json.loads(line)["event"] for line in out.splitlines()]
        assert events.count("waiting for engine") == 1
        assert events.count("engine is there") == 1


def test_sigterm_while_waiting_ends_the_process_at_once() -> None:
    port = free_port()
    body = """
    @asynccontextmanager
    async def engine():
        raise ConnectionError("refused")
        yield
    async def start(process):
        await process.enter("engine", engine)
    """
    with process(body, port) as child:
        until(port, "/startupz", 503)
        child.terminate()
        assert child.wait(timeout=10) == 0


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with process("async def start(process): pass", port) as child:
            out, _ = child.communicate(timeout=15)
            assert child.returncode == 2
            assert str(port) in out


def test_a_fault_of_ours_ends_the_start_with_status_one() -> None:
    with process("async def start(process): raise TypeError('bug')", free_port()) as child:
        out, _ = child.communicate(timeout=15)
        assert child.returncode == 1
        assert "bug" in out


def test_a_failing_task_starts_again() -> None:
    port = free_port()
    body = """
    attempts = []
    async def work():
        attempts.append(1)
        if len(attempts) < 3:
            raise RuntimeError("again")
        print("third attempt", flush=True)
    async def start(process):
        await process.spawn("work", work)
    """
    with process(body, port) as child:
        assert child.stdout is not None
        assert any("third attempt" in line for line in child.stdout)
