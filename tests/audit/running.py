"""Owns the run of one audit case in process: validate, plan, execute, compare as the audit does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from gateway.executor import reference
from gateway.executor.compiled import compile_plan
from gateway.executor.ports import SubgraphCall, SubgraphReply
from gateway.executor.run import Outcome, Request
from gateway.planner.errors import PlanningFailed
from gateway.planner.nodes import QueryPlan
from gateway.planner.plan import Planner

Json = Any


class AnswersRequests(Protocol):
    """A subgraph in process."""

    def answer(self, request: dict[str, Json]) -> dict[str, Json]:
        """The response to a request body."""


class InProcessSubgraphs:
    """A subgraph client without a network; counts what it carries."""

    def __init__(self, subgraphs: Mapping[str, AnswersRequests]) -> None:
        self._subgraphs = subgraphs
        self.requests = 0

    def send(self, call: SubgraphCall) -> asyncio.Future[SubgraphReply]:
        self.requests += 1
        reply: asyncio.Future[SubgraphReply] = asyncio.get_running_loop().create_future()
        answer = self._subgraphs[call.service].answer(json.loads(call.body))
        reply.set_result(SubgraphReply(200, json.dumps(answer).encode()))
        return reply


class Anonymous:
    """A caller that nothing is known of."""

    key = "anonymous"

    def headers(self, service: str) -> tuple[tuple[str, str], ...]:
        return ()


async def answer(
    planner: Planner, query: str, subgraphs: Mapping[str, AnswersRequests], compiled: bool = False
) -> dict[str, Json]:
    """The gateway's response to a query without variables."""
    document = parse(query)
    schema = planner.supergraph.api_schema
    problems = validate(schema, document)
    if problems:
        return {"errors": [{"message": problem.message} for problem in problems]}
    try:
        plan = planner.plan(document)
    except PlanningFailed as failure:
        return {"data": None, "errors": [{"message": failure.message}]}
    operation = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
    values = get_variable_values(schema, operation.variable_definitions or (), {})
    assert isinstance(values, VariableValues)
    outcome = await _execute(plan, {}, dict(values.coerced), InProcessSubgraphs(subgraphs), compiled)
    result: dict[str, Json] = {"data": json.loads(orjson.dumps(outcome.data))}
    return result | ({"errors": json.loads(orjson.dumps(outcome.errors))} if outcome.errors else {})


async def _execute(
    plan: QueryPlan, sent: dict[str, Json], coerced: dict[str, Json], client: InProcessSubgraphs, compiled: bool
) -> Outcome:
    request = Request(sent, coerced, Anonymous(), asyncio.get_running_loop().time() + 10)
    if compiled:
        return await compile_plan(plan).execute(request, client)
    return await reference.execute(plan, request, client)


async def run_case(
    planner: Planner, case: Mapping[str, Json], subgraphs: Mapping[str, AnswersRequests], compiled: bool = False
) -> str | None:
    """What is wrong with the answer, None if it is as expected."""
    expected = case["expected"]
    result = await answer(planner, case["query"], subgraphs, compiled)
    if result.get("data") != expected.get("data"):
        got, wanted_data = json.dumps(result.get("data")), json.dumps(expected.get("data"))
        return f"data {got} instead of {wanted_data}: {result.get('errors')}"
    wanted = expected.get("errors")
    if isinstance(wanted, bool) and bool(result.get("errors")) is not wanted:
        return f"errors {result.get('errors')}, expected {wanted}"
    return None
