"""Owns the subgraphs of the audit as one HTTP server, `POST /SUITE/SUBGRAPH`: the recorded ones, or the public audit's.

Addresses in the supergraphs have that form, so that only host and port change. The recorded ones know what was asked
of them when they were recorded; another gateway may ask for more.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from tests.audit.answers import NotRecorded
from tests.audit.checkout import node, ready
from tests.audit.public import free_port
from tests.audit.suites import suite

PUBLIC = "127.0.0.1:4200"
START_SECONDS = 60.0
_LOADING = Lock()


@contextmanager
def serving() -> Iterator[str]:
    """The host and port that answer until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving_public(checkout: Path) -> Iterator[str]:
    """The same of the public audit's own subgraphs."""
    port = free_port()
    command = [node(), "--import", "tsx", "src/cli.ts", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ready(checkout), stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the public audit does not serve its subgraphs")
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        name, subgraph = self.path.strip("/").split("/")
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with _LOADING:
            try:
                answer = suite(name).subgraphs[subgraph].answer(request)
            except NotRecorded as missing:
                answer = {"errors": [{"message": f"not recorded: {missing}"}]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
