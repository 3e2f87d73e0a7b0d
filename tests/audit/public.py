"""Owns a run of the public audit's own command line against `python -m gateway serve`, on ports of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.audit.checkout import node, ready

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """What a gateway is started from: where the audit serves it, and in which file our command line reads it."""

    meaning: str
    file: str


SOURCES: Mapping[str, Source] = {
    "supergraph": Source("supergraphs that it serves", "supergraph.graphql"),
    "subgraphs": Source("supergraphs that we compose", "subgraphs.json"),
}


@dataclass(frozen=True)
class Score:
    """What the audit printed: cases by suite (a dot passed, an X failed), and its last lines."""

    suites: Mapping[str, str]

    @property
    def passed(self) -> int:
        return sum(marks.count(".") for marks in self.suites.values())

    @property
    def total(self) -> int:
        return sum(len(marks) for marks in self.suites.values())

    @property
    def failed(self) -> dict[str, str]:
        """Suites with a failure, or with no case that ran."""
        return {name: marks for name, marks in self.suites.items() if set(marks) != {"."}}


def run_public_audit(checkout: Path, source: str, folder: Path) -> Score:
    """Runs all suites with their supergraphs, or with what we compose from their subgraphs.

    Raises:
        CalledProcessError: the audit's command line failed.
        EngineError: its dependencies cannot be installed.
    """
    audit = ready(checkout)
    audit_port, gateway_port = free_port(), free_port()
    script = folder / "run.sh"
    script.write_text(_run_script(source, folder, audit_port, gateway_port))
    results = folder / "results.txt"
    url = f"http://127.0.0.1:{gateway_port}"
    subprocess.run(
        [
            node(), "--import", "tsx", "src/cli.ts", "test", "--cwd", str(folder), "--port", str(audit_port),
            "--run-script", str(script), "--graphql", f"{url}/graphql", "--healthcheck", f"{url}/health",
            "--write", str(results),
        ],
        cwd=audit,
        env={**os.environ, "PUNISH_FOR_POOR_PLANS": "1", "GATEWAY_TIMEOUT": "20000"},
        check=True,
    )  # fmt: skip
    lines = results.read_text().split("---")[0].split("\n")
    return Score({name: marks for name, marks in zip(lines[::2], lines[1::2], strict=False) if name})


def _run_script(source: str, folder: Path, audit_port: int, gateway_port: int) -> str:
    """The script that the audit starts for each suite with its name."""
    target = folder / SOURCES[source].file
    fetch = f"from urllib.request import urlopen; open('{target}','wb').write(urlopen(f'{{url}}').read())"
    return (
        f'python="{sys.executable}"\n'
        f'url="http://127.0.0.1:{audit_port}/$1/{source}"\n'
        f'"$python" -c "url=\'$url\'; {fetch}"\n'
        f'cd "{PROJECT}"\n'
        f'exec "$python" -m gateway serve --{source} "{target}" --port {gateway_port}\n'
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
