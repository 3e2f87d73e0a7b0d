"""Owns a run of the public audit's own command line against `python -m gateway serve`, on ports of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SOURCES: Mapping[str, tuple[str, str]] = {
    "supergraph": ("supergraph", "supergraph.graphql"),
    "subgraphs": ("subgraphs", "subgraphs.json"),
}


@dataclass(frozen=True)
class Score:
    """What the audit printed: cases by suite (a dot passed, an X failed), and its last lines."""

    suites: Mapping[str, str]

    @property
    def passed(self) -> int:
        return sum(marks.count(".") for marks in self.suites.values())

    @property
    def failed(self) -> list[str]:
        """Suites with a failure."""
        return [name for name, marks in self.suites.items() if "X" in marks]


def run_public_audit(checkout: Path, source: str, folder: Path) -> Score:
    """Runs all suites with their supergraphs, or with what we compose from their subgraphs.

    Raises:
        CalledProcessError: the audit's command line failed.
    """
    audit_port, gateway_port = _free_port(), _free_port()
    script = folder / "run.sh"
    script.write_text(_run_script(source, folder, audit_port, gateway_port))
    results = folder / "results.txt"
    url = f"http://127.0.0.1:{gateway_port}"
    subprocess.run(
        [
            _node(checkout), "--import", "tsx", "src/cli.ts", "test", "--cwd", str(folder), "--port", str(audit_port),
            "--run-script", str(script), "--graphql", f"{url}/graphql", "--healthcheck", f"{url}/health",
            "--write", str(results),
        ],
        cwd=checkout,
        env={**os.environ, "PUNISH_FOR_POOR_PLANS": "1", "GATEWAY_TIMEOUT": "20000"},
        check=True,
    )  # fmt: skip
    lines = results.read_text().split("---")[0].split("\n")
    return Score({name: marks for name, marks in zip(lines[::2], lines[1::2], strict=False) if name})


def _run_script(source: str, folder: Path, audit_port: int, gateway_port: int) -> str:
    """The script that the audit starts for each suite with its name."""
    endpoint, file = SOURCES[source]
    target = folder / file
    fetch = f"from urllib.request import urlopen; open('{target}','wb').write(urlopen(f'{{url}}').read())"
    return (
        f'python="{sys.executable}"\n'
        f'url="http://127.0.0.1:{audit_port}/$1/{endpoint}"\n'
        f'"$python" -c "url=\'$url\'; {fetch}"\n'
        f'cd "{PROJECT}"\n'
        f'exec "$python" -m gateway serve --{source} "{target}" --port {gateway_port}\n'
    )


def _node(checkout: Path) -> str:
    """Node of the checkout's own dependencies, if one is there, else the machine's."""
    own = sorted(checkout.glob("node_modules/node-*/bin/node"))
    return str(own[0]) if own else shutil.which("node") or "node"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
