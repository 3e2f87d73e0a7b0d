"""What was measured of one operation, and what its plan must not do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.benchmarks.percentiles import percentile

MOST_READ = 25_000
"""More rows than this mean that the operation grows with its data."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of the runs, and the plan of one of them."""

    name: str
    milliseconds: Sequence[float]
    rows: int
    read: int
    nodes: Sequence[str]
    faults: Sequence[str]

    def row(self) -> list[str]:
        """A line of the table."""
        p50, p95 = percentile(self.milliseconds, 0.5), percentile(self.milliseconds, 0.95)
        return [self.name, f"{p50:.1f}", f"{p95:.1f}", str(self.rows), f"{self.read:,}", ", ".join(self.nodes)]


def judged(name: str, milliseconds: Sequence[float], plan: Mapping[str, Any], large: frozenset[str]) -> Measured:
    """The operation with the faults of its plan, as `EXPLAIN (ANALYZE, FORMAT JSON)` shows it."""
    nodes = list(_nodes(plan))
    faults = [
        f"reads {node['Relation Name']} from end to end"
        for node in nodes
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
    ]
    read = sum(_read(node) for node in nodes if node.get("Relation Name") in large)
    if read > MOST_READ:
        faults.append(f"reads {read:,} rows")
    used = [_short(node) for node in nodes if node.get("Relation Name") in large]
    return Measured(name, milliseconds, int(plan["Actual Rows"]), read, list(dict.fromkeys(used)), faults)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _read(node: Mapping[str, Any]) -> int:
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int(each * node["Actual Loops"])


def _short(node: Mapping[str, Any]) -> str:
    kind = node["Node Type"].replace(" Scan", "")
    return f"{kind} {node.get('Index Name') or node['Relation Name']}"
