"""Owns the wave of each step: one more than the latest wave of its own part that it waits for."""

from __future__ import annotations

from gateway.planner.steps import FetchGraph


def levels(graph: FetchGraph) -> dict[int, int]:
    """The earliest wave of every step."""
    result: dict[int, int] = {}

    def level(number: int) -> int:
        if number not in result:
            result[number] = 0
            step = graph.steps[number]
            before = (each for each in step.after if graph.steps[each].part == step.part)
            result[number] = 1 + max(map(level, before), default=-1)
        return result[number]

    for number in sorted(graph.steps):
        level(number)
    return result
