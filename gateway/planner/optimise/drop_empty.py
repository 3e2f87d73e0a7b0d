"""Drops steps that select nothing or never run; who waited for one waits for what it waited for."""

from __future__ import annotations

from gateway.planner.steps import FetchGraph


def drop_empty(graph: FetchGraph) -> None:
    """Removes steps without output or with a condition that never holds, from the last to the first."""
    for number in sorted(graph.steps, reverse=True):
        step = graph.steps[number]
        if (not step.output and step.representations) or not step.condition:
            del graph.steps[number]
            for other in graph.steps.values():
                if number in other.after:
                    other.after = (other.after - {number}) | step.after
