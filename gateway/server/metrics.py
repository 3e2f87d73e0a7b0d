"""Counts answers by how they came out and times those that are answered once."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from gateway.pipeline.answer import Answer
from kit.telemetry import LATENCY_BUCKETS, children

_ANSWERS = children(Counter("gateway_answers_total", "Answers to operations and events by outcome.", ["outcome"]))
_SECONDS = Histogram("gateway_operation_seconds", "Time of queries and mutations.", buckets=LATENCY_BUCKETS)


def count(answer: Answer, seconds: float | None = None) -> None:
    outcome = "refused" if not answer.executed else "partial" if answer.errors else "ok"
    _ANSWERS(outcome).inc()
    if seconds is not None:
        _SECONDS.observe(seconds)
