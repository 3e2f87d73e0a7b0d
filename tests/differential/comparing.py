"""Owns one differential case: a world, an operation, the gateway's answer beside the one schema's, and shrinking.

Invariant: a case depends on its seed alone, so a seed is a reproduction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, print_schema, validate
from graphql.execution.values import VariableValues, get_variable_values

from gateway.commands.subgraph_files import from_json
from gateway.composition import compose
from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.run import Request
from gateway.planner.dump import dump_plan
from gateway.planner.errors import PlanningFailed
from gateway.planner.plan import Planner
from gateway.planner.soundness import check_soundness
from gateway.supergraph.parse import parse_supergraph
from tests.audit.running import Anonymous, InProcessSubgraphs
from tests.differential.generate import generate_world
from tests.differential.operations import Node, RandomOperation, random_operation
from tests.differential.serving import Monolith, ServedSubgraph
from tests.differential.sources import subgraph_sdl
from tests.differential.world import World

OPERATIONS_OF_A_WORLD = 6
VALUES = {"n": 2, "yes": True, "no": False}


class NotComposed(AssertionError):
    """The generator made a world that does not compose: its own bug, or the composer's."""


@dataclass
class Graph:
    """A world, composed, with a planner and the one schema."""

    world: World
    sources: dict[str, str]
    planner: Planner
    api: GraphQLSchema

    @classmethod
    def of(cls, seed: int) -> Graph:
        world = generate_world(seed)
        sources = {name: subgraph_sdl(world, name) for name in world.subgraphs}
        listed = [{"name": name, "url": f"http://{name}.test", "sdl": sdl} for name, sdl in sources.items()]
        composition = compose(from_json(json.dumps(listed).encode(), "the world"))
        if composition.supergraph_sdl is None:
            raise NotComposed("\n".join(f"{error.code}: {error.message}" for error in composition.errors))
        supergraph = parse_supergraph(composition.supergraph_sdl)
        return cls(world, sources, Planner(supergraph), build_schema(print_schema(supergraph.api_schema)))

    def operations(self) -> Iterator[RandomOperation]:
        """The world's operations, the valid ones of those drawn."""
        for number in range(OPERATIONS_OF_A_WORLD):
            operation = random_operation(self.api, self.world.seed * 1000 + number)
            if not validate(self.api, parse(operation.text())):
                yield operation

    async def difference(self, operation: RandomOperation) -> str | None:
        """What differs between the gateway's answer and the one schema's, None if nothing does."""
        text = operation.text()
        document = parse(text)
        definition = document.definitions[0]
        assert isinstance(definition, OperationDefinitionNode)
        names = {item.variable.name.value for item in definition.variable_definitions or ()}
        given = {name: value for name, value in VALUES.items() if name in names}
        calls: list[str] = []
        expected = Monolith(self.world, self.api, calls).answer({"query": text, "variables": given})
        stages = self.planner.stages(document, None, self.labels)
        findings = check_soundness(self.planner.supergraph, stages.operation, stages.plan)
        if findings:
            return f"unsound: {findings[0]}"
        values = get_variable_values(self.api, definition.variable_definitions or (), given)
        assert isinstance(values, VariableValues)
        for compiled in (False, True):
            made: list[str] = []
            served = {name: ServedSubgraph(self.world, name, sdl, made) for name, sdl in self.sources.items()}
            request = Request(given, dict(values.coerced), Anonymous(), float("inf"))
            client = InProcessSubgraphs(served)
            if compiled:
                outcome = await compile_plan(stages.plan).execute(request, client)
            else:
                outcome = await reference.execute(stages.plan, request, client)
            data = json.loads(orjson.dumps(outcome.data))
            problem = _compare(expected, data, outcome.errors, calls, made)
            if problem is not None:
                return f"{'compiled' if compiled else 'reference'}: {problem}"
        return None

    async def reproduction(self, operation: RandomOperation) -> str:
        """The smallest operation that still differs, with all that is needed to see why."""
        smallest = await self._shrink(operation)
        plan = self._plan_text(smallest)
        sources = "\n".join(f"--- {name}\n{sdl}" for name, sdl in self.sources.items())
        return f"seed {self.world.seed}: {await self.problem(smallest)}\n{smallest.text()}\n\n{plan}\n\n{sources}"

    @property
    def labels(self) -> list[str]:
        """Active override labels."""
        return ["migration"] if self.world.label_active else []

    def _plan_text(self, operation: RandomOperation) -> str:
        try:
            return dump_plan(self.planner.plan(parse(operation.text()), None, self.labels))
        except PlanningFailed as failure:
            return failure.message

    async def problem(self, operation: RandomOperation) -> str | None:
        """What is wrong, a failure of the gateway included."""
        try:
            return await self.difference(operation)
        except Exception as error:  # any failure of the gateway is a difference
            return f"{type(error).__name__}: {error}"

    async def _shrink(self, operation: RandomOperation) -> RandomOperation:
        progress = True
        while progress:
            progress = False
            for smaller in _smaller(operation):
                if not validate(self.api, parse(smaller.text())) and await self.problem(smaller) is not None:
                    operation, progress = smaller, True
                    break
        return operation


def _compare(expected: dict[str, Any], data: Any, errors: list[Any], calls: list[str], made: list[str]) -> str | None:
    if data != expected["data"]:
        return f"{json.dumps(data)}\ninstead of {json.dumps(expected['data'])}\nerrors {errors[:2]}"
    if bool(errors) != bool(expected.get("errors")):
        return f"errors {errors[:2]} instead of {expected.get('errors')}"
    return None if calls == made else f"mutations {made} instead of {calls}"


def _smaller(operation: RandomOperation) -> Iterator[RandomOperation]:
    """The operation without one of its selections, larger ones first."""
    for selections in _without_one(operation.selections):
        yield RandomOperation(operation.kind, selections)


def _without_one(nodes: list[Node]) -> Iterator[list[Node]]:
    if len(nodes) > 1:
        for at in range(len(nodes)):
            yield nodes[:at] + nodes[at + 1 :]
    for at, node in enumerate(nodes):
        if node.below:
            for below in _without_one(node.below):
                yield [*nodes[:at], Node(node.head, below), *nodes[at + 1 :]]
