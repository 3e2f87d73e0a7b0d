"""Runs client operations against one generation of the schema: prepare, check variables, execute, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema

from gateway.executor.ports import Caller, SubgraphClient
from gateway.executor.run import Request
from gateway.pipeline.answer import Answer, RequestRefused
from gateway.pipeline.ports import Authorizer, Planner
from gateway.pipeline.prepare import Prepared, PrepareOptions, Preparer
from gateway.pipeline.variables import coerce_variables
from gateway.planner.nodes import OperationKind
from kit.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRequest:
    """What a client sent, transport aside."""

    query: str
    caller: Caller
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """`seconds` is the whole time that an operation may take."""

    prepare: PrepareOptions = field(default_factory=PrepareOptions)
    seconds: float = 30.0


class Engine:
    """One generation: a schema, its planner, the subgraphs behind it and what was prepared for them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        plan: Planner,
        client: SubgraphClient,
        options: EngineOptions | None = None,
        authorizer: Authorizer | None = None,
    ) -> None:
        self.schema = schema
        self.options = options or EngineOptions()
        self.client = client
        self._authorizer = authorizer
        self._preparer = Preparer(schema, plan, self.options.prepare)

    def prepare(self, request: OperationRequest) -> Prepared:
        """The operation, allowed and ready. Raises RequestRefused."""
        prepared = self._preparer.prepare(request.query, request.operation_name)
        if self._authorizer is not None:
            try:
                self._authorizer.check(prepared.kind, prepared.root_fields, request.caller)
            except DomainError as error:
                raise RequestRefused.of(error.code, error.message, kind=error.kind.value) from error
        return prepared

    async def execute(self, request: OperationRequest) -> Answer:
        """Answers a query or mutation; what is wrong with the request is an answer too."""
        try:
            prepared = self.prepare(request)
            if prepared.kind is OperationKind.SUBSCRIPTION:
                raise RequestRefused.of("SUBSCRIPTIONS_NOT_SUPPORTED", "Subscriptions need a streaming transport.")
            return await self.run(prepared, request)
        except RequestRefused as refused:
            return refused.answer()

    async def run(self, prepared: Prepared, request: OperationRequest) -> Answer:
        """Runs a prepared query or mutation. Raises RequestRefused for variables that do not fit."""
        sent, coerced = self.coerce(prepared, request.variables)
        data: dict[str, Any] = {}
        if prepared.introspection is not None:
            data.update(prepared.introspection.answer(sent))
        deadline = asyncio.get_running_loop().time() + self.options.seconds
        run = Request(sent, coerced, request.caller, deadline, data)
        outcome = await prepared.program.execute(run, self.client)
        return Answer(outcome.data, outcome.errors)

    def coerce(self, prepared: Prepared, variables: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Raises RequestRefused."""
        return coerce_variables(
            self.schema, prepared.variables, variables, suggestions=self.options.prepare.suggestions
        )
