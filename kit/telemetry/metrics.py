"""Owns conventions of metrics: buckets that all latencies share, and cached children (looking one up takes a lock)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from prometheus_client.metrics import MetricWrapperBase

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

MetricT = TypeVar("MetricT", bound=MetricWrapperBase)


def children(metric: MetricT) -> Callable[..., MetricT]:
    """A cached `metric.labels`; only for labels with few values."""

    @cache
    def child(*labels: str) -> MetricT:
        return metric.labels(*labels)

    return child
