"""Owns the run of the audit's cases by another gateway, from Apollo's supergraph and from ours."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from tests.audit.suites import suite
from tests.peers.subgraphs import PUBLIC

SCRIPT = Path(__file__).with_name("answer.mjs")
Json = Any


@dataclass(frozen=True, slots=True)
class Failures:
    """The cases that a gateway did not answer as expected, as `suite-number`, each with what it said instead."""

    cases: Mapping[str, str]
    total: int


def composed(name: str) -> str:
    """What our composer makes of a suite's subgraphs."""
    addressed = [{**source, "url": f"http://{PUBLIC}/{name}/{source['name']}"} for source in suite(name).sources]
    sources = json.dumps(addressed).encode()
    composition = compose(from_json(sources, name))
    assert composition.supergraph_sdl is not None, [error.message for error in composition.errors]
    return composition.supergraph_sdl


def run(peer: str, packages: Path, supergraphs: Mapping[str, str], address: str) -> Failures:
    """Answers every case of the suites that have a supergraph here."""
    lines = [_line(name, text.replace(PUBLIC, address)) for name, text in supergraphs.items()]
    ran = subprocess.run(
        ["node", str(SCRIPT), peer, str(packages)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_ENV": "production"},
    )
    replies = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith('{"')]
    assert len(replies) == len(supergraphs), ran.stderr[-2000:]
    found: dict[str, str] = {}
    for name, reply in zip(supergraphs, replies, strict=True):
        found |= _failures(name, reply)
    return Failures(found, sum(len(suite(name).cases) for name in supergraphs))


def _line(name: str, supergraph: str) -> str:
    return json.dumps({"supergraph": supergraph, "queries": [case["query"] for case in suite(name).cases]})


def _failures(name: str, reply: Mapping[str, Json]) -> dict[str, str]:
    cases = suite(name).cases
    if "refused" in reply:
        return {f"{name}-{number}": reply["refused"] for number in range(len(cases))}
    answers: Sequence[Mapping[str, Json]] = reply["answers"]
    pairs = enumerate(zip(cases, answers, strict=True))
    return {f"{name}-{number}": json.dumps(answer) for number, (case, answer) in pairs if not _expected(case, answer)}


def _expected(case: Mapping[str, Json], answer: Mapping[str, Json]) -> bool:
    wanted = case["expected"]
    errors = wanted.get("errors")
    as_wanted = not isinstance(errors, bool) or bool(answer.get("errors")) is errors
    return as_wanted and bool(answer.get("data") == wanted.get("data"))
