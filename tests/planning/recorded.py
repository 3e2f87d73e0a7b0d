"""Owns the record of other planners' plans: `plans.jsonl.gz`, one graph a line with its operations and their costs.

Invariant: the record stands by itself. Random graphs are in it as text, so that it outlives changes of what draws them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph
from tests.audit.suites import planner as audit_planner
from tests.planning.counting import Cost
from tests.planning.operations import Planned
from tests.unit.gateway.planner.golden_files import golden_files

RECORD = Path(__file__).parent / "plans.jsonl.gz"
PEERS = ("apollo", "hive")


@dataclass(frozen=True)
class Recorded:
    """An operation and what each peer's plan costs; a peer that has no plan is not there."""

    planned: Planned
    costs: dict[str, Cost]


def recorded() -> Iterator[Recorded]:
    """Everything."""
    for line in _lines():
        for each in line["operations"]:
            planned = Planned(each["group"], line["graph"], each["query"], tuple(each["labels"]))
            costs = {peer: (each[peer][0], each[peer][1]) for peer in PEERS if isinstance(each[peer], list)}
            yield Recorded(planned, costs)


def write(entries: dict[str, list[dict[str, Any]]], texts: dict[str, str]) -> None:
    """Keeps the operations of each graph; `texts`: the supergraphs that are nowhere else."""
    with gzip.GzipFile(RECORD, "wb", mtime=0) as file:
        for graph, operations in entries.items():
            line = {"graph": graph, "sdl": texts.get(graph), "operations": operations}
            file.write((json.dumps(line, sort_keys=True) + "\n").encode())


@cache
def planner(graph: str) -> Planner:
    """A planner on one of the graphs."""
    kind, name = graph.split("/")
    if kind == "audit":
        return audit_planner(name)
    if kind == "golden":
        return next(golden.planner for golden in golden_files() if golden.path.stem == name)
    return Planner(parse_supergraph(next(line["sdl"] for line in _lines() if line["graph"] == graph)))


@cache
def _lines() -> tuple[dict[str, Any], ...]:
    with gzip.open(RECORD, "rt") as file:
        return tuple(json.loads(line) for line in file)
