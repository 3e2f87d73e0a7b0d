"""Strawberry's ASGI view with the gateway's rules in front of it.

Plain requests (one JSON answer) are served here without Strawberry's adapters; streaming responses and WebSockets go
through the view. No other site can make a browser send a POST that is served: only JSON is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from opentelemetry.trace import SpanKind
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import (
    GRAPHQL_SSE_PROTOCOL,
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
    MULTIPART_SUBSCRIPTION_PROTOCOL,
)
from strawberry.types.unset import UNSET, UnsetType

from gateway.executor.ports import Caller
from gateway.language import defer
from gateway.pipeline.answer import Answer
from gateway.pipeline.engine import MUTATION_REFUSED
from gateway.server.incoming import (
    ClientLeft,
    HttpRefused,
    Parameters,
    check_content_type,
    fingerprint,
    parse_body,
    parse_query_string,
    read_body,
)
from gateway.server.negotiation import EVENTS, GRAPHQL, HTML, JSON, MULTIPART, MediaType, choose, takes_parts
from gateway.server.operations import NOT_READY, Operations, refused, refused_by
from gateway.server.page import send_page
from gateway.server.parts import send_parts
from gateway.server.ports import Identity
from gateway.server.schema import EngineSchema
from gateway.server.socket_context import SocketContext
from gateway.server.websocket import TextAdapter, TransportHandler
from kit.errors import DomainError, Kind
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER
from kit.telemetry import span

RawHeaders = list[tuple[bytes, bytes]]

_STREAMS: Mapping[MediaType, bytes] = {
    EVENTS: b"text/event-stream",
    MULTIPART: b"multipart/mixed;subscriptionSpec=1.0,application/json",
}
_STATUS_OF_KIND = {Kind.UNAUTHENTICATED.value: 401, Kind.FORBIDDEN.value: 403}
_INTERNAL, _UNAVAILABLE = "INTERNAL", {NOT_READY, "UNAVAILABLE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """Bounds of the edge. `page` says whether a browser gets GraphiQL."""

    max_body: int = 2 * 1024 * 1024
    page: bool = False
    init_timeout: timedelta = timedelta(seconds=5)
    operations_per_socket: int = 100
    allowed_origins: tuple[str, ...] = field(default=())


class GatewayView(GraphQL[Any, None]):
    """The `/graphql` endpoint."""

    websocket_adapter_class = TextAdapter
    graphql_transport_ws_handler_class = TransportHandler

    def __init__(self, operations: Operations, identity: Identity, options: ViewOptions) -> None:
        super().__init__(
            EngineSchema(operations),
            graphql_ide=None,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            connection_init_wait_timeout=options.init_timeout,
            max_subscriptions_per_connection=options.operations_per_socket,
            allowed_origins=options.allowed_origins,
        )
        self._operations = operations
        self._identity = identity
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        media: MediaType = JSON
        try:
            chosen = self._media_type(scope, headers)
            media = chosen if chosen in (JSON, GRAPHQL) else JSON
            with span("graphql request", parent=headers.get("traceparent"), kind=SpanKind.SERVER):
                await self._serve(chosen, headers, scope, receive, send)
        except ClientLeft:
            return
        except HttpRefused as error:
            answer = refused(error.code, error.message)
            await respond(send, error.status, media, answer, error.headers)
        except DomainError as error:
            await self._respond(send, media, refused_by(error))

    def _media_type(self, scope: Scope, headers: Mapping[str, str]) -> MediaType:
        """What the client wants back. Raises HttpRefused 405 and 406."""
        method = scope["method"]
        if method not in ("GET", "POST"):
            raise HttpRefused(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", (("allow", "GET, POST"),))
        offered: tuple[MediaType, ...] = (JSON, GRAPHQL, EVENTS, MULTIPART)
        if method == "GET" and self._options.page and "text/html" in headers.get("accept", ""):
            offered = (HTML, *offered)
        chosen = choose(headers.get("accept"), offered)
        if chosen is None:
            raise HttpRefused(406, "NOT_ACCEPTABLE", "Accept application/graphql-response+json or application/json.")
        return chosen

    async def _serve(
        self, media: MediaType, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        if media == HTML:
            await send_page(send)
            return
        body = b""
        reading = scope["method"] == "GET"
        if reading:
            parameters = parse_query_string(scope["query_string"])
        else:
            check_content_type(headers.get("content-type"))
            body = await read_body(receive, self._options.max_body)
            parameters = parse_body(body)
        if KEY_HEADER in headers:
            headers = {**headers, FINGERPRINT_HEADER: fingerprint(parameters)}
        caller = await self._identity.of_request(headers, address_of(scope))
        if self._is_in_parts(media, headers, parameters, caller):
            await self._serve_in_parts(media, parameters, caller, reading, receive, send)
            return
        if media in _STREAMS:
            await self._stream(media, caller, body, scope, receive, send)
            return
        answer = await self._operations.execute(parameters, caller, read_only=reading)
        await self._respond(send, media, answer)

    def _is_in_parts(
        self, media: MediaType, headers: Mapping[str, str], parameters: Parameters, caller: Caller
    ) -> bool:
        """Whether the answer may come in parts: few operations defer anything, and most show that at a glance."""
        if media not in (JSON, GRAPHQL, MULTIPART) or not takes_parts(headers.get("accept")):
            return False
        if media != MULTIPART:
            return defer.NAME in parameters.query
        return not self._operations.is_subscription(parameters, caller)

    async def _serve_in_parts(
        self, media: MediaType, parameters: Parameters, caller: Caller, reading: bool, receive: Receive, send: Send
    ) -> None:
        answers = self._operations.stream(parameters, caller, read_only=reading, in_parts=True)
        async with aclosing(answers):
            first = await anext(answers)
            if first.executed and media == MULTIPART and first.has_next is None:
                first = Answer(first.data, first.errors, first.extensions, has_next=False)
            if first.has_next is not None:
                await send_parts(first, answers, receive, send)
            else:
                await self._respond(send, JSON if media == MULTIPART else media, first)

    async def _respond(self, send: Send, media: MediaType, answer: Answer) -> None:
        status, headers = status_of(answer, media)
        await respond(send, status, media, answer, headers)

    async def _stream(
        self, media: MediaType, caller: Caller, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Hands the request to Strawberry's streaming with the Accept header that it looks for."""
        others = [(name, value) for name, value in scope["headers"] if name != b"accept"]
        inner = {**scope, "headers": [*others, (b"accept", _STREAMS[media])], "gateway.caller": caller}
        await super().__call__(inner, replay(body, receive), send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """The caller of an HTTP request, or what a socket's operations share."""
        if isinstance(request, WebSocket):
            return SocketContext(self._operations, self._identity, dict(request.headers), address_of(request.scope))
        return request.scope["gateway.caller"]

    async def on_ws_connect(self, context: Any) -> UnsetType | dict[str, object] | None:
        try:
            await context.admit()
        except DomainError as error:
            raise ConnectionRejectionError from error
        nothing: UnsetType = UNSET
        return nothing

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


def status_of(answer: Answer, media: MediaType) -> tuple[int, tuple[tuple[str, str], ...]]:
    """The HTTP status of an answer: 200 once it was executed, else by what was wrong and the media type's rules."""
    if answer.executed:
        return 200, ()
    extensions = answer.errors[0].get("extensions", {})
    code = extensions.get("code")
    if code == MUTATION_REFUSED:
        return 405, (("allow", "POST"),)
    if code == _INTERNAL:
        return 500, ()
    if code in _UNAVAILABLE:
        return 503, ()
    if extensions.get("kind") == Kind.LIMITED.value:
        wait = extensions.get("fields", {}).get("retryAfter")
        return 429, (("retry-after", str(wait)),) if wait is not None else ()
    by_kind = _STATUS_OF_KIND.get(extensions.get("kind", ""))
    if media == GRAPHQL:
        return by_kind or 400, ()
    return 200, ()


async def respond(
    send: Send, status: int, media: MediaType, answer: Answer, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    body = answer.encode()
    raw: RawHeaders = [
        (b"content-type", f"{media}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in headers),
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was already read, then what really comes."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def address_of(scope: Scope) -> str | None:
    client = scope.get("client")
    return str(client[0]) if client else None
