"""Runs a subscription: opens its source, and for each event completes the value, runs the rest of the plan, projects.

An error in one event is that event's alone; the stream ends when its source ends, when the caller may no longer
listen, or when the schema is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    ConstDirectiveNode,
    FieldDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    parse,
)
from graphql.execution.values import VariableValues, get_argument_values

from gateway.executor.errors import ErrorDict, gateway_error, subgraph_error
from gateway.executor.exchange import body_prefix, encode_body
from gateway.executor.ports import Caller, SubgraphCall, SubgraphClient
from gateway.executor.projection import client_path
from gateway.executor.reference import Run
from gateway.executor.run import Request
from gateway.pipeline.answer import Answer, RequestRefused
from gateway.pipeline.completion import completion
from gateway.pipeline.coverage import Coverage, response_key
from gateway.pipeline.parse import client_error
from gateway.pipeline.ports import (
    ErrorEvent,
    ReplyEvent,
    RunQuery,
    SourceEvent,
    SourceRequest,
    SubscriptionSource,
    ValueEvent,
)
from gateway.pipeline.prepare import Prepared
from gateway.pipeline.recent import RecentAnswers
from gateway.planner.nodes import Fetch, Subscription
from kit.errors import DomainError
from kit.telemetry import span

SCHEMA_RELOAD = "SUBSCRIPTION_SCHEMA_RELOAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionGraph:
    """What running subscriptions needs to know of the graph.

    `keys(service, type)`: keys made of plain fields. `directives`: composed ones by Subscription field.
    """

    schema: GraphQLSchema
    keys: Callable[[str, str], Sequence[tuple[str, ...]]]
    directives: Mapping[str, tuple[ConstDirectiveNode, ...]]
    source: SubscriptionSource
    recent: RecentAnswers = field(default_factory=RecentAnswers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """One subscriber's operation with its variables checked."""

    prepared: Prepared
    caller: Caller
    sent: Mapping[str, Any]
    values: VariableValues
    run: RunQuery
    seconds: float


class SubscriptionRun:
    """One running subscription."""

    def __init__(self, graph: SubscriptionGraph, client: SubgraphClient, subscribing: Subscribing) -> None:
        self._graph = graph
        self._client = client
        self._given = subscribing
        root = subscribing.prepared.runner.plan.root
        if not isinstance(root, Subscription):
            raise RequestRefused.of("SUBSCRIPTIONS_NOT_SUPPORTED", "This field cannot be subscribed to.")
        self._primary = root.primary
        self._rest = root.rest
        self._asked = orjson.dumps(subscribing.sent)
        document = parse(root.primary.document)
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        self._definitions = tuple(operation.variable_definitions or ())
        self._field = next(node for node in operation.selection_set.selections if isinstance(node, FieldNode))

    async def answers(self, retired: asyncio.Event) -> AsyncGenerator[Answer, None]:
        """One answer for each event; the last one says why the stream ended, unless it just ended."""
        events = self._graph.source.open(self._source_request())
        end = asyncio.ensure_future(retired.wait())
        try:
            async with aclosing(events):
                while (event := await next_event(events, end)) is not None:
                    with span("live event", parent=_origin(event)):
                        answer = await self._answer(event)
                    yield answer
            if end.done():
                yield _ended(SCHEMA_RELOAD, "The schema has changed; subscribe again.")
        except DomainError as error:
            yield _ended(error.code, error.message, kind=error.kind.value, fields=error.json_fields())
        finally:
            end.cancel()

    def _source_request(self) -> SourceRequest:
        name = self._field.name.value
        definition = self._definition(name)
        given = self._given
        variables = {key: given.sent[key] for key in self._primary.variables if key in given.sent}
        call = SubgraphCall(
            self._primary.service,
            self._primary.kind,
            encode_body(body_prefix(self._primary), variables),
            given.caller,
            float("inf"),
        )
        try:
            arguments = get_argument_values(definition, self._field, given.values)
        except GraphQLError as error:
            raise RequestRefused(client_error(error, "BAD_USER_INPUT")) from error
        node = definition.ast_node
        return SourceRequest(
            field=name,
            definition=node if isinstance(node, FieldDefinitionNode) else _bare_definition(name),
            directives=self._graph.directives.get(name, ()),
            arguments=arguments,
            caller=given.caller,
            call=call,
            run=given.run,
        )

    def _definition(self, name: str) -> GraphQLField:
        root = self._graph.schema.subscription_type
        if root is None or name not in root.fields:
            raise RequestRefused.of("SUBSCRIPTIONS_NOT_SUPPORTED", "This field cannot be subscribed to.")
        field: GraphQLField = root.fields[name]
        return field

    async def _answer(self, event: SourceEvent) -> Answer:
        if isinstance(event, ErrorEvent):
            return Answer(None, [gateway_error(event.code, event.message)])
        deadline = asyncio.get_running_loop().time() + self._given.seconds
        if isinstance(event, ReplyEvent):
            return await self._finish(event.data or {}, self._reply_errors(event), deadline)
        return await self._value(event, deadline)

    async def _value(self, event: ValueEvent, deadline: float) -> Answer:
        """Events of one id have one value: where it answers everything, the answer is everybody's."""
        key = (event.id, self._given.prepared, self._asked)
        known = self._graph.recent.get(key) if event.id is not None else None
        if known is not None:
            return known
        data, fetch = self._covered(event.value)
        errors: list[ErrorDict] = []
        if fetch is not None:
            errors = await self._complete(fetch, data, deadline)
        answer = await self._finish(data, errors, deadline)
        if fetch is None and self._rest is None and event.id is not None:
            self._graph.recent.put(key, answer)
        return answer

    def _covered(self, value: Any) -> tuple[dict[str, Any], Fetch | None]:
        service = self._primary.service
        coverage = Coverage(
            self._graph.schema,
            self._fragments,
            lambda typename: self._graph.keys(service, typename),
            self._given.values.coerced,
        )
        declared = get_named_type(self._definition(self._field.name.value).type)
        covered = coverage.cover(self._field, declared, value)
        data = {response_key(self._field): covered.data}
        return data, completion(service, covered.gaps, self._definitions) if covered.gaps else None

    async def _complete(self, fetch: Fetch, data: dict[str, Any], deadline: float) -> list[ErrorDict]:
        """Merges what the value lacks into `data`; returns what went wrong."""
        run = Run(self._given.prepared.runner.plan.projection, self._request(data, [], deadline), self._client)
        await run.node(fetch)
        return run.errors.entries

    async def _finish(self, data: dict[str, Any], errors: list[ErrorDict], deadline: float) -> Answer:
        request = self._request(data, errors, deadline)
        outcome = await self._given.prepared.runner.execute(request, self._client)
        return Answer(outcome.data, outcome.errors)

    def _request(self, data: dict[str, Any], errors: list[ErrorDict], deadline: float) -> Request:
        given = self._given
        return Request(given.sent, given.values.coerced, given.caller, deadline, data, tuple(errors))

    def _reply_errors(self, event: ReplyEvent) -> list[ErrorDict]:
        """The errors of a subgraph's stream, on the client's paths."""
        errors = []
        for raw in event.errors:
            error = subgraph_error(self._primary.service, raw)
            place = raw.get("path") if isinstance(raw, dict) else None
            if isinstance(place, list):
                path = client_path(self._given.prepared.runner.plan.projection, place)
                error = {**error, "path": list(path)} if path else error
            errors.append(error)
        return errors


def _origin(event: SourceEvent) -> str | None:
    """The trace that the event belongs to."""
    return event.traceparent if isinstance(event, ValueEvent) else None


async def next_event(events: AsyncGenerator[SourceEvent, None], end: asyncio.Future[Any]) -> SourceEvent | None:
    """The next event; None when the stream has ended or is to end."""
    step = asyncio.ensure_future(anext(events, None))
    try:
        await asyncio.wait({step, end}, return_when=asyncio.FIRST_COMPLETED)
        return step.result() if step.done() else None
    finally:
        step.cancel()
        await asyncio.wait({step})
        if not step.cancelled():
            step.exception()  # a source that fails while it is given up is nobody's concern


def _ended(code: str, message: str, **extensions: Any) -> Answer:
    return Answer(errors=[gateway_error(code, message, **extensions)], executed=False)


def _bare_definition(name: str) -> FieldDefinitionNode:
    found = parse(f"type Subscription {{ {name}: Boolean }}").definitions[0]
    field: FieldDefinitionNode = found.fields[0]  # type: ignore[attr-defined] # an object type, as written above
    return field
