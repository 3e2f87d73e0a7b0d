"""The schema object that Strawberry's view drives: it runs the engine where Strawberry would call resolvers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, NoReturn

from graphql import GraphQLError, print_schema
from strawberry.directive import StrawberryDirective
from strawberry.schema.base import BaseSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from gateway.executor.errors import ErrorDict
from gateway.pipeline.answer import Answer
from gateway.server.incoming import Parameters
from gateway.server.operations import Operations


class ClientError(GraphQLError):
    """An error of an answer, handed through Strawberry unchanged."""

    def __init__(self, content: ErrorDict) -> None:
        super().__init__(content["message"], path=content.get("path"), extensions=content.get("extensions"))
        self._content = content

    @property
    def formatted(self) -> Any:
        return self._content


def strawberry_result(answer: Answer) -> ExecutionResult:
    """The answer in Strawberry's form."""
    errors: list[GraphQLError] | None = [ClientError(error) for error in answer.errors] or None
    kind = ExecutionResult if answer.executed else PreExecutionError
    return kind(data=answer.data, errors=errors, extensions=answer.extensions)


class EngineSchema(BaseSchema):
    """Strawberry's schema interface over the engine. The context value is the operation's caller."""

    query: Any = None  # Strawberry's own types: there are none
    schema_converter: Any = None

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self.config = StrawberryConfig()
        self.mutation = None
        self.subscription = None
        self.schema_directives = []
        self.exception_handlers = ()

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        parameters = Parameters(query or "", operation_name, variable_values or {}, operation_extensions or {})
        return strawberry_result(await self._operations.execute(parameters, context_value))

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        parameters = Parameters(query or "", operation_name, variable_values or {}, operation_extensions or {})
        read_only = allowed_operation_types is not None and OperationType.MUTATION not in set(allowed_operation_types)
        return self._results(parameters, context_value, read_only)

    async def _results(
        self, parameters: Parameters, caller: Any, read_only: bool
    ) -> AsyncGenerator[ExecutionResult, None]:
        answers = self._operations.stream(parameters, caller, read_only=read_only)
        async with aclosing(answers):
            async for answer in answers:
                yield strawberry_result(answer)

    async def subscribe(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("the legacy WebSocket protocol is not served")

    def execute_sync(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("the engine is asynchronous")

    def get_type_by_name(self, name: str) -> None:
        return None

    def get_directive_by_name(self, graphql_name: str) -> StrawberryDirective[Any] | None:
        return None

    def as_str(self) -> str:
        return print_schema(self._operations.schema())

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the engine has logged what is worth it, and clients' mistakes are not."""
