"""Gives every step its wave: as early as possible, or later where it can then share a request.

A step with slack waits for a later call to the same subgraph when all that would be sent with it can wait too. The
number of waves stays what it was. Each deferred part has waves of its own.
"""

from __future__ import annotations

from gateway.planner.optimise.levels import levels
from gateway.planner.steps import FetchGraph, Step


def set_waves(graph: FetchGraph) -> None:
    """Sets `wave` on every step."""
    for number, wave in levels(graph).items():
        graph.steps[number].wave = wave
    parts: dict[str, list[Step]] = {}
    for step in graph.steps.values():
        parts.setdefault(step.part, []).append(step)
    for steps in parts.values():
        _gather_calls(steps)


def _gather_calls(steps: list[Step]) -> None:
    last = max(step.wave for step in steps)
    for wave in range(last - 1, -1, -1):
        for together in _calls_of(steps, wave):
            later = _shared_wave(steps, together, last)
            if later is not None:
                for step in together:
                    step.wave = later


def _calls_of(steps: list[Step], wave: int) -> list[list[Step]]:
    """Entity steps of a wave, by the request they share."""
    calls: dict[str, list[Step]] = {}
    for step in steps:
        if step.wave == wave and step.representations:
            calls.setdefault(step.subgraph, []).append(step)
    return list(calls.values())


def _shared_wave(steps: list[Step], together: list[Step], last: int) -> int | None:
    """The first later wave that calls the same subgraph, if nobody needs these steps before."""
    numbers = {step.number for step in together}
    latest = min((step.wave - 1 for step in steps if step.after & numbers), default=last)
    for wave in range(together[0].wave + 1, latest + 1):
        if any(step.wave == wave and step.representations and step.subgraph == together[0].subgraph for step in steps):
            return wave
    return None
