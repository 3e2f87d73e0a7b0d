"""The HTTP endpoint of a subgraph: `POST /graphql`, JSON in and out, for callers with an internal token only.

Clients never come here, so there is no GET, no page for people and no socket. An operation ends with the caller's
deadline (`kit.resilience.TIMEOUT_HEADER`), and so does every call that it makes: nobody waits for what comes later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import orjson
from graphql import GraphQLError
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.exceptions import StrawberryGraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from kit.errors import DomainError, invalid
from kit.graphql.errors import extensions, formatted
from kit.graphql.schema import SubgraphSchema
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER, request_key
from kit.identity import HEADER, Caller, InternalVerifier
from kit.resilience import TIMEOUT_HEADER, Deadline
from kit.telemetry import span

_LONGEST_BODY = 4 * 1024 * 1024
_LONGEST_OPERATION_SECONDS = 30.0
_JSON = [(b"content-type", b"application/json")]

ContextFactory = Callable[[Caller], Any]
"""Makes the context of one operation: its data loaders must not outlive it."""


def subgraph_app(
    schema: SubgraphSchema,
    verifier: InternalVerifier,
    *,
    context: ContextFactory,
    others: Mapping[str, ASGIApp] = MappingProxyType({}),
) -> ASGIApp:
    """The ASGI application of a subgraph. `others` are further paths with their applications (the JWKS, say)."""
    by_path: dict[str, ASGIApp] = {"/graphql": _Endpoint(schema, verifier, context), **others}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        await by_path.get(scope["path"], _not_found)(scope, receive, send)

    return app


class _Endpoint:
    def __init__(self, schema: SubgraphSchema, verifier: InternalVerifier, context: ContextFactory) -> None:
        self._schema = schema
        self._verifier = verifier
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] != "POST":
            await _send(send, 405, b'{"errors":[{"message":"Only POST."}]}', [(b"allow", b"POST")])
            return
        with span("graphql", parent=headers.get("traceparent"), kind=SpanKind.SERVER):
            try:
                caller = self._verifier.verify(headers.get(HEADER, ""))
                if key := request_key(headers.get(KEY_HEADER), headers.get(FINGERPRINT_HEADER)):
                    caller = replace(caller, request_key=key)
                query, variables, name = _request(await _body(receive))
                deadline = Deadline.from_header(headers.get(TIMEOUT_HEADER), _LONGEST_OPERATION_SECONDS)
                with deadline.scope():
                    payload = await self._execute(query, variables, name, caller, deadline)
                await _send(send, 200, payload)
            except DomainError as error:
                status = 401 if error.code == "GATEWAY_REQUIRED" else 400
                await _send(send, status, _refusal(error))

    async def _execute(
        self, query: str, variables: dict[str, Any] | None, name: str | None, caller: Caller, deadline: Deadline
    ) -> bytes:
        try:
            async with asyncio.timeout(deadline.remaining):
                result = await self._schema.execute(
                    query, variable_values=variables, operation_name=name, context_value=self._context(caller)
                )
        except TimeoutError:
            return _refusal(DomainError.of("TIMEOUT", "The deadline passed before there was an answer."))
        except (StrawberryGraphQLError, GraphQLError) as error:
            return _refusal(DomainError.of("GRAPHQL_VALIDATION_FAILED", str(error)))
        return _encoded(result)


def _encoded(result: Any) -> bytes:
    response: dict[str, Any] = {}
    if isinstance(result, ExecutionResult) and not isinstance(result, PreExecutionError):
        response["data"] = result.data
    if result.errors:
        response["errors"] = [formatted(error) for error in result.errors]
    return orjson.dumps(response, default=str)


def _request(body: bytes) -> tuple[str, dict[str, Any] | None, str | None]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise invalid("The body is not JSON.") from None
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        raise invalid("The body must be an object with a `query`.")
    variables, name = content.get("variables"), content.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise invalid("`variables` must be an object and `operationName` a string.")
    return content["query"], variables, name


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise invalid("The caller went away.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _LONGEST_BODY:
            raise invalid("The body is too large.", limit=_LONGEST_BODY)
        if not message.get("more_body", False):
            return b"".join(parts)


def _refusal(error: DomainError) -> bytes:
    return orjson.dumps({"errors": [{"message": error.message, "extensions": extensions(error)}]})


async def _send(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*_JSON, *headers]})
    await send({"type": "http.response.body", "body": body})


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await _send(send, 404, b'{"errors":[{"message":"Not found."}]}')
