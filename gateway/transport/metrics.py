"""Counts and times calls to subgraphs."""

from __future__ import annotations

import asyncio

from prometheus_client import Counter, Histogram

from kit.telemetry import LATENCY_BUCKETS, children

_CALLS = children(Counter("subgraph_calls_total", "Calls to subgraphs by outcome.", ["service", "outcome"]))
_SECONDS = children(
    Histogram("subgraph_call_seconds", "Time of calls to subgraphs.", ["service"], buckets=LATENCY_BUCKETS)
)


def observe(service: str, outcome: str, began: float) -> None:
    """`outcome` is the HTTP status or an error code; `began` is in the event loop's time."""
    _CALLS(service, outcome).inc()
    _SECONDS(service).observe(asyncio.get_running_loop().time() - began)
