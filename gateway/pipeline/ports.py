"""What the pipeline needs of the outside, and what it offers to those who feed subscriptions.

A source is asked to open a subscription's root field on behalf of a caller and yields its events; the pipeline
completes and projects each event for the subscriber. Which broker or protocol carries events is the source's secret.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import ConstDirectiveNode, DocumentNode, FieldDefinitionNode

from gateway.executor.ports import Caller, SubgraphCall
from gateway.pipeline.answer import Answer
from gateway.planner.nodes import OperationKind, QueryPlan

Planner = Callable[[DocumentNode, str | None, frozenset[str], frozenset[str] | None], QueryPlan]
"""Plans the named operation of a valid document under the active override labels; with deferred parts under the
variables that are true, or without any.

Raises an exception with `code` and `message` where it cannot.
"""

RunQuery = Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
"""Runs a query document with variables through the whole engine, as one fixed caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRequest:
    """A subscription's root field, ready to be opened.

    `definition` is the field in the API schema, `directives` what `@composeDirective` put on it, `arguments` its
    coerced arguments by name. `call` is the request that the owning subgraph would get; `run` answers queries as the
    subscriber (for gates).
    """

    field: str
    definition: FieldDefinitionNode
    directives: tuple[ConstDirectiveNode, ...]
    arguments: Mapping[str, Any]
    caller: Caller
    call: SubgraphCall
    run: RunQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEvent:
    """A value of the root field by GraphQL field names, whatever the subscriber selected.

    What the selection names and the value lacks is fetched from the owning subgraph as the subscriber. Events with the
    same `id` have the same value, so that an answer that needs nothing else is made once for all who asked the same.
    """

    value: Any
    id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEvent:
    """A GraphQL response to `SourceRequest.call`'s own document, as a subgraph's stream sends it."""

    data: dict[str, Any] | None
    errors: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """Something the subscriber must know; the stream goes on (events were lost, say)."""

    code: str
    message: str


SourceEvent = ValueEvent | ReplyEvent | ErrorEvent


class SubscriptionSource(Protocol):
    """Feeds subscriptions."""

    def open(self, request: SourceRequest) -> AsyncGenerator[SourceEvent, None]:
        """The field's events until the stream ends; closing the generator withdraws the subscription.

        Raises `DomainError` (from the first step on) when the caller may not listen, or no longer.
        """


class Authorizer(Protocol):
    """Decides whether a caller may run an operation, after it was validated and before it is planned or run."""

    def check(self, kind: OperationKind, root_fields: frozenset[str], caller: Caller) -> None:
        """Raises `DomainError` where the caller may not."""
