"""Logs, traces and metrics of a process. `setup` is called once, by `kit.lifecycle`."""

from __future__ import annotations

from kit.telemetry.logs import logger, setup_logs
from kit.telemetry.metrics import LATENCY_BUCKETS, children
from kit.telemetry.tracing import from_traceparent, setup_tracing, span, trace_id, traceparent

__all__ = [
    "LATENCY_BUCKETS",
    "children",
    "from_traceparent",
    "logger",
    "setup_logs",
    "setup_tracing",
    "span",
    "trace_id",
    "traceparent",
]
