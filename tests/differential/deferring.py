"""Owns one case of deferred parts: a random operation of which random fragments come later, merged, beside the answer
that came at once.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import orjson
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.run import Request
from gateway.planner.dump import dump_plan
from gateway.planner.soundness import check_soundness
from tests.audit.running import Anonymous, InProcessSubgraphs
from tests.differential.comparing import VALUES, Graph
from tests.differential.operations import Node, RandomOperation
from tests.differential.serving import Monolith, ServedSubgraph
from tests.testkit.parts import Merged

ON = frozenset({"yes"})


def with_deferrals(operation: RandomOperation, draw: Random) -> RandomOperation:
    """The same operation with some of its fragments, old and new ones, deferred."""
    return RandomOperation(operation.kind, _Deferring(draw).nodes(operation.selections, operation.kind != "mutation"))


class _Deferring:
    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._labels = 0

    def nodes(self, nodes: list[Node], allowed: bool) -> list[Node]:
        result: list[Node] = []
        for node in nodes:
            below = None if node.below is None else self.nodes(node.below, allowed or not node.head.startswith("..."))
            head = node.head
            if allowed and head.startswith("...") and self._chance(40):
                head += self._defer()
            result.append(Node(head, below))
            if allowed and self._chance(20):
                kept = self._draw.randint(0, len(result) - 1)
                result[kept:] = [Node(f"...{self._defer()}", result[kept:])]
        return result

    def _defer(self) -> str:
        arguments = []
        if self._chance(50):
            self._labels += 1
            arguments.append(f'label: "l{self._labels}"')
        if self._chance(20):
            arguments.append(f"if: {self._draw.choice(['true', 'false', '$yes', '$no'])}")
        return f" @defer({', '.join(arguments)})" if arguments else " @defer"

    def _chance(self, percent: int) -> bool:
        return self._draw.randrange(100) < percent


class DeferringCase:
    """An operation of a graph and the same one in parts."""

    def __init__(self, graph: Graph, operation: RandomOperation, seed: int) -> None:
        self._graph = graph
        self.plain = operation
        self.deferring = with_deferrals(operation, Random(seed))

    @property
    def is_valid(self) -> bool:
        return not validate(self._graph.planner.supergraph.api_schema, parse(self.deferring.text()))

    async def problem(self) -> str | None:
        """What is wrong, a failure of the gateway included; with all that is needed to see why."""
        try:
            found = await self._difference()
        except Exception as error:  # any failure of the gateway is a difference
            found = f"{type(error).__name__}: {error}"
        if found is None:
            return None
        plan = self._graph.planner.plan(parse(self.deferring.text()), None, self._graph.labels, ON)
        sources = "\n".join(f"--- {name}\n{sdl}" for name, sdl in self._graph.sources.items())
        return f"seed {self._graph.world.seed}: {found}\n{self.deferring.text()}\n\n{dump_plan(plan)}\n\n{sources}"

    async def _difference(self) -> str | None:
        graph = self._graph
        given = _given(self.plain.text())
        whole = Monolith(graph.world, graph.api, []).answer({"query": self.plain.text(), "variables": given})
        document = parse(self.deferring.text())
        stages = graph.planner.stages(document, None, graph.labels, ON)
        findings = check_soundness(graph.planner.supergraph, stages.operation, stages.plan)
        if findings:
            return f"unsound: {findings[0]}"
        told: list[list[bytes]] = []
        for compiled in (False, True):
            request = Request(_given(self.deferring.text()), self._coerced(document), Anonymous(), float("inf"))
            served = {name: ServedSubgraph(graph.world, name, sdl, []) for name, sdl in graph.sources.items()}
            run = compile_plan(stages.plan).execute_in_parts if compiled else None
            client = InProcessSubgraphs(served)
            answers = run(request, client) if run else reference.execute_in_parts(stages.plan, request, client)
            parts = [answer async for answer in answers]
            told.append(_content(parts))
            problem = _compare(parts, whole)
            if problem is not None:
                return f"{'compiled' if compiled else 'reference'}: {problem}"
        return None if told[0] == told[1] else f"the executors differ: {told[0]!r} and {told[1]!r}"

    def _coerced(self, document: Any) -> dict[str, Any]:
        definition = document.definitions[0]
        assert isinstance(definition, OperationDefinitionNode)
        given = _given(self.deferring.text())
        values = get_variable_values(self._graph.api, definition.variable_definitions or (), given)
        assert isinstance(values, VariableValues)
        return dict(values.coerced)


def _given(text: str) -> dict[str, Any]:
    declared = text.partition("{")[0]
    return {name: value for name, value in VALUES.items() if f"${name}:" in declared}


def _content(parts: list[Any]) -> list[bytes]:
    """What was told, whatever came together with what."""
    first, *batches = parts
    increments = [increment for batch in batches for increment in batch.increments]
    told = [[each.path, each.label or "", each.data, each.errors] for each in increments]
    return [orjson.dumps([first.data, first.errors]), *sorted(map(orjson.dumps, told))]


def _compare(parts: list[Any], whole: dict[str, Any]) -> str | None:
    first, *batches = parts
    errors = list(first.errors)
    merged = Merged(json.loads(orjson.dumps(first.data)))
    for batch in batches:
        if not batch.increments:
            return "a batch without anything"
        for increment in batch.increments:
            merged.add(increment)
            errors += increment.errors
    if [part.has_next for part in parts] != [True] * len(batches) + [False]:
        return "the end is not told at the end"
    if bool(errors) != bool(whole.get("errors")):
        return f"errors {errors[:2]} instead of {whole.get('errors')}"
    return merged.difference(whole["data"])
