"""Owns one world ready to be asked: composed, with a planner, its subgraphs, and the one schema beside them.

Invariant: a case depends on its seed alone, so a seed is a reproduction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from gateway.composition import SubgraphInput, compose
from gateway.executor.run import Outcome, Request
from gateway.planner.plan import Planner
from gateway.planner.soundness import check_soundness
from gateway.supergraph.parse import parse_supergraph
from tests.audit.running import Anonymous
from tests.differential.answers import difference
from tests.differential.api import api_schema, same_schemas
from tests.differential.executors import EXECUTORS, Execute, Subgraphs
from tests.differential.generate import generate_world
from tests.differential.operations import RandomOperation, random_operation
from tests.differential.serving import Expected, Monolith, ServedSubgraph
from tests.differential.sources import subgraph_sdl
from tests.differential.world import LABEL, World

OPERATIONS_OF_A_WORLD = 4


class NotComposed(AssertionError):
    """The generator made a world that does not compose, or not to the schema it stands for."""


@dataclass
class Graph:
    """A world with everything that answers for it."""

    world: World
    sources: dict[str, str]
    planner: Planner
    api: GraphQLSchema
    one_schema: Monolith
    served: dict[str, ServedSubgraph]
    executors: Mapping[str, Execute]

    @classmethod
    def of(cls, seed: int) -> Graph:
        return cls.serving(generate_world(seed))

    @classmethod
    def serving(cls, world: World) -> Graph:
        """Composes. Raises NotComposed."""
        sources = {name: subgraph_sdl(world, name) for name in world.subgraphs}
        composition = compose(SubgraphInput(name, sdl, f"http://{name}.test") for name, sdl in sources.items())
        if composition.supergraph_sdl is None:
            raise NotComposed("\n".join(f"{error.code}: {error.message}" for error in composition.errors))
        supergraph = parse_supergraph(composition.supergraph_sdl)
        api = api_schema(world, sources.values())
        if not same_schemas(api, supergraph.api_schema):
            raise NotComposed("the schema for clients is not the world's")
        served = {name: ServedSubgraph(world, name, sdl) for name, sdl in sources.items()}
        return cls(world, sources, Planner(supergraph), api, Monolith(world, api), served, EXECUTORS)

    def operations(self) -> Iterator[RandomOperation]:
        """The world's operations, the valid ones of those drawn."""
        for number in range(OPERATIONS_OF_A_WORLD):
            operation = random_operation(self.api, self.world.seed * 1000 + number)
            if not validate(self.api, operation.document(), [OverlappingFieldsCanBeMergedRule]):
                yield operation  # the drawing sees to everything else

    def accepts(self, operation: RandomOperation) -> bool:
        """Whether the operation is valid."""
        return not validate(self.api, operation.document())

    @property
    def label_states(self) -> tuple[bool, ...]:
        """Whether the override label is active: both, where the world has one."""
        return (False, True) if self.planner.supergraph.labels else (False,)

    async def problem(self, operation: RandomOperation) -> str | None:
        """What is wrong, a failure of the gateway included."""
        for label_active in self.label_states:
            try:
                found = await self._difference(operation, label_active)
            except Exception as error:  # any failure of the gateway is a difference
                found = told(error)
            if found is not None:
                return f"{'label active: ' if label_active else ''}{found}"
        return None

    def expected(self, operation: RandomOperation) -> Expected:
        """The one schema's response."""
        return self.one_schema.answer(operation.document(), operation.variables())

    async def outcome(
        self, operation: RandomOperation, label_active: bool, execute: Execute, client: Subgraphs
    ) -> Outcome:
        """The gateway's response."""
        document, given = operation.document(), operation.variables()
        plan = self.planner.plan(document, None, self.labels(label_active))
        coerced = self.coerced(document, given)
        return await execute(plan, Request(given, coerced, Anonymous(), float("inf")), client)

    def labels(self, label_active: bool) -> list[str]:
        """Active override labels."""
        return [LABEL] if label_active else []

    async def _difference(self, operation: RandomOperation, label_active: bool) -> str | None:
        document, given = operation.document(), operation.variables()
        stages = self.planner.stages(document, None, self.labels(label_active))
        findings = check_soundness(self.planner.supergraph, stages.operation, stages.plan)
        if findings:
            return f"unsound: {findings[0]}"
        expected = self.expected(operation)
        coerced = self.coerced(document, given)
        client = Subgraphs(self.served, label_active)
        for name, execute in self.executors.items():
            client.calls = []
            outcome = await execute(stages.plan, Request(given, coerced, Anonymous(), float("inf")), client)
            data = json.loads(orjson.dumps(outcome.data))
            found = difference(expected, data, outcome.errors, client.calls, ordered=operation.is_ordered)
            if found is not None:
                return f"{name}: {found}"
        return None

    def coerced(self, document: DocumentNode, given: Mapping[str, Any]) -> dict[str, Any]:
        """The variables' values with their defaults."""
        definition = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
        values = get_variable_values(self.api, definition.variable_definitions or (), dict(given))
        assert isinstance(values, VariableValues), values
        return dict(values.coerced)


def told(error: BaseException) -> str:
    """An exception in words, without the groups around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
