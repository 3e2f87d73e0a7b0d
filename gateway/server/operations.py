"""Runs operations for the edge on the current generation; whatever goes wrong becomes an answer.

Unknown exceptions are logged with a trace id and shown as INTERNAL with that id and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import perf_counter
from typing import Any

from graphql import GraphQLSchema

from gateway.executor.errors import gateway_error
from gateway.executor.ports import Caller
from gateway.pipeline.answer import Answer
from gateway.pipeline.engine import OperationRequest
from gateway.pipeline.generations import Generations
from gateway.server.incoming import Parameters
from gateway.server.metrics import count
from gateway.server.ports import RequestLimiter
from kit.errors import DomainError
from kit.telemetry import logger, trace_id

NOT_READY = "NO_SUPERGRAPH_AVAILABLE"


class Operations:
    """The engine as the edge sees it. `plans` lets clients ask for the plan of an operation."""

    def __init__(self, generations: Generations, *, plans: bool = False, limiter: RequestLimiter | None = None) -> None:
        self._generations = generations
        self._limiter = limiter
        self._plans = plans

    def schema(self) -> GraphQLSchema:
        """The API schema in use. Raises LookupError before there is one."""
        generation = self._generations.current
        if generation is None:
            raise LookupError(NOT_READY)
        return generation.engine.schema

    async def execute(self, parameters: Parameters, caller: Caller, *, read_only: bool = False) -> Answer:
        """The answer to a query or, unless `read_only`, a mutation."""
        began = perf_counter()
        answer = await self._execute(parameters, caller, read_only)
        count(answer, perf_counter() - began)
        return answer

    async def _execute(self, parameters: Parameters, caller: Caller, read_only: bool) -> Answer:
        generation = self._generations.current
        if generation is None:
            return not_ready()
        with generation.used() as engine:
            try:
                request = self._request(parameters, caller)
                if self._limiter is not None:
                    await self._limiter.admit(caller, engine.weight(request))
                answer = await engine.execute(request, read_only=read_only)
                answer.encode()  # here, where a failure becomes an answer
                return answer
            except DomainError as error:
                return refused_by(error)
            except Exception as error:
                return internal(error)

    def _request(self, parameters: Parameters, caller: Caller) -> OperationRequest:
        return OperationRequest(
            query=parameters.query,
            caller=caller,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            show_plan=self._plans and parameters.extensions.get("plan") is True,
        )

    def is_subscription(self, parameters: Parameters, caller: Caller) -> bool:
        """Whether the operation is a subscription that may be run."""
        generation = self._generations.current
        return generation is not None and generation.engine.is_subscription(self._request(parameters, caller))

    async def stream(
        self, parameters: Parameters, caller: Caller, *, read_only: bool = False, in_parts: bool = False
    ) -> AsyncGenerator[Answer, None]:
        """The answers to any operation: one, as many as a subscription has events, or one for each set of parts that
        the client lets come later if it takes them `in_parts`.
        """
        generation = self._generations.current
        if generation is None:
            yield not_ready()
            return
        with generation.used() as engine:
            begun = False
            try:
                request = self._request(parameters, caller)
                if self._limiter is not None:
                    await self._limiter.admit(caller, engine.weight(request))
                answers = engine.stream(request, generation.retired, read_only=read_only, in_parts=in_parts)
                async with aclosing(answers):
                    async for answer in answers:
                        answer.encode()
                        if answer.increments is None:
                            count(answer)
                        begun = begun or answer.has_next is not None
                        yield answer
            except DomainError as error:
                yield refused_by(error)
            except Exception as error:
                fault = internal(error)
                fault.has_next = False if begun else None
                yield fault


def not_ready() -> Answer:
    return refused(NOT_READY, "The graph is not loaded yet; try again shortly.")


def refused(code: str, message: str, **extensions: Any) -> Answer:
    return Answer(errors=[gateway_error(code, message, **extensions)], executed=False)


def refused_by(error: DomainError) -> Answer:
    """A refusal of the identity or another port."""
    return refused(error.code, error.message, kind=error.kind.value, fields=error.json_fields())


def internal(error: Exception) -> Answer:
    """What a fault of ours looks like from outside."""
    found = trace_id() or uuid.uuid4().hex
    logger("gateway").error("operation failed", exc_info=error, trace_id=found)
    return refused("INTERNAL", "Something went wrong on our side.", kind="internal", traceId=found)
