"""Owns what a failing seed prints: everything that is needed to see what went wrong, without this generator."""

from __future__ import annotations

import json

from gateway.planner.dump import dump_plan
from gateway.planner.errors import PlanningFailed
from tests.differential.executors import Subgraphs
from tests.differential.graph import Graph
from tests.differential.operations import RandomOperation
from tests.differential.shrinking import shrink


async def reproduction(graph: Graph, operation: RandomOperation) -> str:
    """The smallest failing operation, the difference, the plan, the subgraphs and what each of them said."""
    smallest = await shrink(graph, operation)
    problem = await graph.problem(smallest) or ""
    label_active = problem.startswith("label active")
    expected = graph.expected(smallest)
    parts = [
        f"seed {graph.world.seed}: {problem}",
        f"=== operation, variables {json.dumps(smallest.variables())}\n{smallest.text()}",
        f"=== the one schema\n{json.dumps(expected.data)}\n{list(expected.errors)}",
        f"=== plan\n{_plan(graph, smallest, label_active)}",
        "=== exchanges\n" + "\n".join(await _exchanges(graph, smallest, label_active)),
        *(f"=== subgraph {name}\n{sdl}" for name, sdl in graph.sources.items()),
    ]
    return "\n\n".join(parts)


def _plan(graph: Graph, operation: RandomOperation, label_active: bool) -> str:
    try:
        return dump_plan(graph.planner.plan(operation.document(), None, graph.labels(label_active)))
    except PlanningFailed as failure:
        return failure.message


async def _exchanges(graph: Graph, operation: RandomOperation, label_active: bool) -> list[str]:
    """What the reference executor sent and got, which is all the data that matter; up to where it failed."""
    client = Subgraphs(graph.served, label_active)
    name, execute = next(iter(graph.executors.items()))
    try:
        await graph.outcome(operation, label_active, execute, client)
    except Exception as error:  # what came before is worth showing
        client.exchanges.append(f"{name}: {error!r}")
    return client.exchanges
