"""Runs client operations against one generation of the schema: prepare, check variables, execute, answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.executor.ports import Caller, SubgraphClient
from gateway.executor.run import Batch, Request
from gateway.executor.runner import Runner
from gateway.pipeline.answer import Answer, RequestRefused
from gateway.pipeline.deferring import InParts
from gateway.pipeline.ports import Authorizer, Planner
from gateway.pipeline.prepare import Prepared, PrepareOptions, Preparer
from gateway.pipeline.sharing import SharedRuns
from gateway.pipeline.subscribe import Subscribing, SubscriptionGraph, SubscriptionRun
from gateway.pipeline.variables import coerce_variables, encoded_variables
from gateway.planner.dump import dump_plan
from gateway.planner.nodes import OperationKind
from kit.errors import DomainError
from kit.telemetry import span

_NO_LABELS: frozenset[str] = frozenset()
MUTATION_REFUSED = "MUTATION_NOT_ALLOWED_OVER_HTTP_GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRequest:
    """What a client sent, transport aside."""

    query: str
    caller: Caller
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    show_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """`seconds` is the whole time that a query, a mutation or the completion of one event may take.

    `share_queries` lets equal queries of one caller that are in flight share a run: the second is then answered as of
    the first's start.
    """

    prepare: PrepareOptions = field(default_factory=PrepareOptions)
    seconds: float = 30.0
    share_queries: bool = True


class Engine:
    """One generation: a schema, its planner, the subgraphs behind it and what was prepared for them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        plan: Planner,
        client: SubgraphClient,
        *,
        options: EngineOptions | None = None,
        authorizer: Authorizer | None = None,
        subscriptions: SubscriptionGraph | None = None,
        labels: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        self.schema = schema
        self._options = options or EngineOptions()
        self._client = client
        self._authorizer = authorizer
        self._subscriptions = subscriptions
        self._labels = labels
        self._shared = SharedRuns()
        self._mutations = 0
        self._preparer = Preparer(schema, plan, self._options.prepare)

    async def execute(self, request: OperationRequest, *, read_only: bool = False) -> Answer:
        """Answers a query or, unless `read_only`, a mutation; what is wrong with the request is an answer too."""
        try:
            prepared = self._prepare(request)
            if prepared.kind is OperationKind.SUBSCRIPTION:
                raise RequestRefused.of("SUBSCRIPTIONS_NOT_SUPPORTED", "Subscriptions need a streaming transport.")
            refuse_mutation(prepared, read_only)
            if prepared.kind is OperationKind.MUTATION:
                return await self._mutate(prepared, request)
            if self._options.share_queries:
                variables = encoded_variables(request.variables)
                key = (prepared, request.caller.key, request.show_plan, self._mutations, variables)
                return await self._shared.run(key, lambda: self._run(prepared, request))
            return await self._run(prepared, request)
        except RequestRefused as refused:
            return refused.answer()

    async def _mutate(self, prepared: Prepared, request: OperationRequest) -> Answer:
        """Whoever asks after a mutation must not be given what was read before it."""
        try:
            return await self._run(prepared, request)
        finally:
            self._mutations += 1

    async def stream(
        self, request: OperationRequest, retired: asyncio.Event, *, read_only: bool = False, in_parts: bool = False
    ) -> AsyncGenerator[Answer, None]:
        """Answers any operation: once, or once for each event of a subscription until it ends or `retired` is set.

        With `in_parts` what the client lets come later comes in answers of its own; else all of it comes at once.
        """
        try:
            prepared = self._prepare(request)
            refuse_mutation(prepared, read_only)
            if prepared.kind is OperationKind.SUBSCRIPTION:
                answers = self._subscription(prepared, request).answers(retired)
            elif in_parts and prepared.in_parts is not None:
                answers = self._run_in_parts(prepared, prepared.in_parts, request)
            else:
                answers = self._answer_once(prepared, request)
            async with aclosing(answers):
                async for answer in answers:
                    yield answer
        except RequestRefused as refused:
            yield refused.answer()

    def weight(self, request: OperationRequest) -> int:
        """What the request makes others do: itself, and each subgraph call of its plan."""
        try:
            return 1 + self._prepare(request).calls
        except RequestRefused:
            return 1

    def is_subscription(self, request: OperationRequest) -> bool:
        """Whether the request is a subscription that may be run."""
        try:
            return self._prepare(request).kind is OperationKind.SUBSCRIPTION
        except RequestRefused:
            return False

    async def _answer_once(self, prepared: Prepared, request: OperationRequest) -> AsyncGenerator[Answer, None]:
        with span("graphql operation"):
            mutates = prepared.kind is OperationKind.MUTATION
            answer = await (self._mutate if mutates else self._run)(prepared, request)
        yield answer

    def _prepare(self, request: OperationRequest) -> Prepared:
        """The operation, allowed and ready. Raises RequestRefused."""
        prepared = self._preparer.prepare(
            request.query, request.operation_name, self._labels() if self._labels else _NO_LABELS
        )
        if self._authorizer is not None:
            try:
                self._authorizer.check(prepared.kind, prepared.root_fields, request.caller)
            except DomainError as error:
                raise RequestRefused.of(
                    error.code, error.message, kind=error.kind.value, fields=error.json_fields()
                ) from error
        return prepared

    async def _run(self, prepared: Prepared, request: OperationRequest) -> Answer:
        """Runs a prepared query or mutation. Raises RequestRefused for variables that do not fit."""
        sent, values = self._coerce(prepared, request.variables)
        run = self._request(prepared, request, sent, values)
        outcome = await prepared.runner.execute(run, self._client)
        return Answer(outcome.data, outcome.errors, _extensions(prepared.runner, request))

    async def _run_in_parts(
        self, prepared: Prepared, in_parts: InParts, request: OperationRequest
    ) -> AsyncGenerator[Answer, None]:
        """Runs a prepared query or mutation of which parts come later. Raises RequestRefused."""
        sent, values = self._coerce(prepared, request.variables)
        runner = in_parts.runner(values.coerced)
        run = self._request(prepared, request, sent, values)
        outcomes = runner.execute_in_parts(run, self._client)
        async with aclosing(outcomes):
            async for outcome in outcomes:
                if isinstance(outcome, Batch):
                    yield Answer(increments=outcome.increments, has_next=outcome.has_next)
                    continue
                if prepared.kind is OperationKind.MUTATION:
                    self._mutations += 1
                extensions = _extensions(runner, request)
                yield Answer(outcome.data, outcome.errors, extensions, has_next=outcome.has_next)

    def _request(
        self, prepared: Prepared, request: OperationRequest, sent: dict[str, Any], values: VariableValues
    ) -> Request:
        data: dict[str, Any] = {}
        if prepared.introspection is not None:
            data.update(prepared.introspection.answer(sent))
        deadline = asyncio.get_running_loop().time() + self._options.seconds
        return Request(sent, values.coerced, request.caller, deadline, data)

    def _subscription(self, prepared: Prepared, request: OperationRequest) -> SubscriptionRun:
        """Raises RequestRefused."""
        if self._subscriptions is None:
            raise RequestRefused.of("SUBSCRIPTIONS_NOT_SUPPORTED", "No source of events is connected.")
        sent, values = self._coerce(prepared, request.variables)
        if prepared.in_parts is not None and prepared.in_parts.is_wanted(values.coerced):
            raise RequestRefused.of("BAD_USER_INPUT", "A subscription's events come whole: switch its @defer off.")
        subscribing = Subscribing(
            prepared=prepared,
            caller=request.caller,
            sent=sent,
            values=values,
            run=lambda query, variables: self.execute(
                OperationRequest(query=query, caller=request.caller, variables=variables), read_only=True
            ),
            seconds=self._options.seconds,
        )
        return SubscriptionRun(self._subscriptions, self._client, subscribing)

    def _coerce(self, prepared: Prepared, variables: Mapping[str, Any]) -> tuple[dict[str, Any], VariableValues]:
        """Raises RequestRefused."""
        if prepared.variables:
            encoded_variables(variables)  # what cannot be sent on is refused here
        return coerce_variables(
            self.schema, prepared.variables, variables, suggestions=self._options.prepare.suggestions
        )


def _extensions(runner: Runner, request: OperationRequest) -> dict[str, Any] | None:
    return {"plan": dump_plan(runner.plan)} if request.show_plan else None


def refuse_mutation(prepared: Prepared, read_only: bool) -> None:
    """Raises RequestRefused for a mutation where only reading is allowed."""
    if read_only and prepared.kind is OperationKind.MUTATION:
        raise RequestRefused.of(MUTATION_REFUSED, "Mutations need a POST.")
