"""Owns one case of deferred parts: a random operation of which random fragments come later, merged, beside the answer
that came at once.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from random import Random
from typing import Any

import orjson
from graphql import parse, validate

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphClient
from gateway.executor.run import Batch, Outcome, Request
from gateway.planner.dump import dump_plan
from gateway.planner.nodes import QueryPlan
from gateway.planner.soundness import check_soundness
from tests.audit.running import Anonymous
from tests.differential.executors import Subgraphs
from tests.differential.generate import generate_world
from tests.differential.graph import Graph, told
from tests.differential.operations import Fragment, Node, RandomOperation
from tests.differential.serving import Expected
from tests.testkit.parts import Merged

ExecuteInParts = Callable[[QueryPlan, Request, SubgraphClient], AsyncIterator[Outcome | Batch]]


def _compiled(plan: QueryPlan, request: Request, client: SubgraphClient) -> AsyncIterator[Outcome | Batch]:
    return compile_plan(plan).execute_in_parts(request, client)


EXECUTORS: Mapping[str, ExecuteInParts] = {"reference": reference.execute_in_parts, "compiled": _compiled}


def graph_without_absences(seed: int) -> Graph:
    """The world of a seed in which no subgraph has lost an entity: a part asks by key for what the whole has without
    asking, so an absence shows in other places.
    """
    world = generate_world(seed)
    world.missing.clear()
    return Graph.serving(world)


def with_deferrals(operation: RandomOperation, draw: Random) -> RandomOperation:
    """The same operation with some of its fragments, old and new ones, deferred."""
    deferring = _Deferring(draw)
    selections = deferring.nodes(operation.selections, operation.kind != "mutation")
    fragments = {
        name: Fragment(each.on, deferring.nodes(each.selections, each.on != "Mutation"))
        for name, each in operation.used_fragments().items()
    }
    return RandomOperation(operation.kind, selections, fragments, operation.given)


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
            result.append(Node(head, below, node.spread))
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
        self._label_active = seed % 2 == 0
        self._document = parse(self.deferring.text())

    @property
    def is_valid(self) -> bool:
        return not validate(self._graph.planner.supergraph.api_schema, self._document)

    async def problem(self) -> str | None:
        """What is wrong, a failure of the gateway included; with all that is needed to see why."""
        given = self.deferring.variables()
        try:
            found = await self._difference(given)
        except Exception as error:  # any failure of the gateway is a difference
            found = told(error)
        if found is None:
            return None
        on = self._on(given)
        plan = self._graph.planner.plan(self._document, None, self._graph.labels(self._label_active), on)
        parts = [
            f"seed {self._graph.world.seed}: {found}",
            f"{self.deferring.text()}\n{json.dumps(given)}",
            dump_plan(plan),
        ]
        return "\n\n".join([*parts, *(f"--- {name}\n{sdl}" for name, sdl in self._graph.sources.items())])

    def _on(self, given: Mapping[str, Any]) -> set[str]:
        """The variables that are true."""
        return {name for name, value in self._graph.coerced(self._document, given).items() if value is True}

    async def _difference(self, given: dict[str, Any]) -> str | None:
        graph = self._graph
        whole = graph.expected(self.plain)
        stages = graph.planner.stages(self._document, None, graph.labels(self._label_active), self._on(given))
        findings = check_soundness(graph.planner.supergraph, stages.operation, stages.plan)
        if findings:
            return f"unsound: {findings[0]}"
        client = Subgraphs(graph.served, self._label_active)
        contents: list[list[bytes]] = []
        for name, execute in EXECUTORS.items():
            request = Request(given, graph.coerced(self._document, given), Anonymous(), float("inf"))
            parts = [answer async for answer in execute(stages.plan, request, client)]
            contents.append(_content(parts))
            problem = _compare(parts, whole) or _misattributed(parts, client)
            if problem is not None:
                return f"{name}: {problem}"
        one, other = contents
        return None if one == other else f"the executors differ: {one!r} and {other!r}"


def _content(parts: list[Any]) -> list[bytes]:
    """What was told, whatever came together with what, and whichever error was found first."""
    first, *batches = parts
    increments = [increment for batch in batches for increment in batch.increments]
    content = [[each.path, each.label or "", each.data, _told(each.errors)] for each in increments]
    return [orjson.dumps([first.data, _told(first.errors)]), *sorted(map(orjson.dumps, content))]


def _told(errors: list[Any]) -> list[Any]:
    """The errors in one order, whoever said them: of subgraphs that say the same at one path the first to reply is
    named, and the compiled executor reads the replies to calls of one wave in the plan's order.
    """
    told = [error | {"extensions": _without_service(error["extensions"])} for error in errors]
    return sorted(told, key=orjson.dumps)


def _without_service(extensions: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in extensions.items() if name != "service"}


def _misattributed(parts: list[Any], client: Subgraphs) -> str | None:
    """An error that names a subgraph which did not say it."""
    first, *batches = parts
    errors = [*first.errors, *(error for batch in batches for each in batch.increments for error in each.errors)]
    for error in errors:
        service = error["extensions"].get("service")
        if service is not None and (service, error["message"]) not in client.complaints:
            return f"{service} did not say: {error}"
    return None


def _compare(parts: list[Any], whole: Expected) -> str | None:
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
    if bool(errors) != bool(whole.errors) and not (errors and whole.unseen):
        return f"errors {errors[:2]} instead of {list(whole.errors)}"
    return merged.difference(whole.data)
